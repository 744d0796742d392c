"""``python -m bot links export|import``: nothing half imported, and every bad line named with its number."""

from __future__ import annotations

import csv
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.cli import main
from bot.files.cells import FileProblemsError, read, write
from bot.files.links import export_links, import_links
from bot.files.settings import SlackFileSettings
from bot.sandbox.clock import Clock
from tests.conftest import OpenStore
from tests.inside import decided
from tests.office import STUDIO, Office

LINKED = {"U0ANA": 501, "U0ANAP": 502, "U0BEN": 503, "U0MIA": 504, "U0OLIVIA": 505, "U0ZOE": 507}

Import = Callable[..., Awaitable[str]]
"""Import these lines below a heading; ``apply=True`` writes."""


@pytest.fixture
def settings(office: Office) -> SlackFileSettings:
    """What the command finds in the environment of a bot that runs."""
    given = office.sandbox.environment() | {"DATABASE_PATH": str(office.settings.database_path)}
    return SlackFileSettings.load(given, env_file=None)


@pytest.fixture
def bring(settings: SlackFileSettings, clock: Clock, tmp_path: Path) -> Import:
    async def bring(
        *lines: str,
        heading: str = "slack_user_id,focus_user_id",
        encoding: str = "utf-8",
        apply: bool = False,
    ) -> str:
        path = tmp_path / "links.csv"
        path.write_bytes("\r\n".join([heading, *lines, ""]).encode(encoding))
        return await import_links(settings, path, apply=apply, now=clock.now())

    return bring


async def links(office: Office) -> dict[str, int]:
    found = await office.bot.desk.store.links.overview(())
    return {link.slack_user_id: link.focus_user_id for link in found.links}


async def problems(coming: Awaitable[str]) -> list[str]:
    with pytest.raises(FileProblemsError) as caught:
        await coming
    return list(caught.value.problems)


async def test_export_and_import_are_a_round_trip(
    office: Office, settings: SlackFileSettings, tmp_path: Path
) -> None:
    """Also with somebody in it who has left: what is so already needs no check."""
    office.slack.people["U0BEN"].deleted = True
    path = tmp_path / "out.csv"
    assert await export_links(settings, path) == f"6 links written to {path}."
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["slack_user_id"]: int(row["focus_user_id"]) for row in rows} == LINKED
    assert rows[0]["focus_name"] == "Ana Lindqvist"
    assert rows[0]["focus_email"] == "ana@example.com"
    told = await import_links(settings, path, apply=True)
    assert told.startswith("6 links: 0 new, 0 moved to another Focus user, 6 as before.")
    assert await links(office) == LINKED


async def test_a_dry_run_writes_nothing_and_apply_does(office: Office, bring: Import) -> None:
    told = await bring("U0TOM,506", "U0ANA,501")
    assert told == (
        "2 links: 1 new, 0 moved to another Focus user, 1 as before. Nothing was written: `--apply` does it."
    )
    assert await links(office) == LINKED
    assert (await bring("U0TOM,506", "U0ANA,501", apply=True)).endswith("Written.")
    assert await links(office) == LINKED | {"U0TOM": 506}
    await office.tom.types(STUDIO, "/hours")
    told_tom = await office.tom.sees("you are *Tom Weber*", channel=STUDIO)
    assert "from a list" in told_tom.plain


async def test_who_asked_to_be_linked_hears_of_it(office: Office, bring: Import) -> None:
    """At the bot's next tick: the file came by another process."""
    await office.tom.types(STUDIO, "/hours")
    refused = await office.tom.sees("Ask Olivia Grant", channel=STUDIO)
    await office.tom.click(refused, "petition_link")
    await office.olivia.sees("asks to be linked", channel=office.olivia.dm)
    await bring("U0TOM,506", apply=True)
    office.clock.move(seconds=2)
    told = await office.tom.sees("*Tom Weber*", channel=office.tom.dm)
    assert "linked" in told.plain


async def test_partners_can_be_exchanged(office: Office, bring: Import) -> None:
    """In one transaction: half-way two people would have one Focus user."""
    await bring("U0ANA,502", "U0ANAP,501", apply=True)
    assert await links(office) == LINKED | {"U0ANA": 502, "U0ANAP": 501}


async def test_a_pair_taken_apart_is_joined_by_an_admins_file(office: Office, bring: Import) -> None:
    await office.ana.types(STUDIO, "/hours unlink")
    await office.ana.sees("not linked to", channel=STUDIO)
    await bring("U0ANA,501", apply=True)
    assert await links(office) == LINKED


async def test_every_bad_line_is_named_and_nothing_is_imported(office: Office, bring: Import) -> None:
    told = await problems(
        bring(
            "U0TOM,506",  # 2: would be right
            "U0NOBODY,508",
            "U0GONE,508",
            ",",  # 5: left out
            "U0STRANGER,",
            "U0GUEST,five",
            "U0GUEST,999",
            "U0TOM,508",
            "U0GUEST,506",
            apply=True,
        )
    )
    assert told == [
        "line 3: slack_user_id U0NOBODY is nobody in this Slack workspace.",
        "line 4: slack_user_id U0GONE cannot be linked: it left, is a bot, or is another organization’s.",
        "line 4: focus_user_id 508 stands in line 3 already.",
        "line 6: slack_user_id U0STRANGER cannot be linked: it left, is a bot, or is another organization’s.",
        "line 6: focus_user_id is empty.",
        "line 7: focus_user_id five is no number.",
        "line 8: focus_user_id 999 is nobody in Toggl Focus, as last listed.",
        "line 8: slack_user_id U0GUEST stands in line 7 already.",
        "line 9: slack_user_id U0TOM stands in line 2 already.",
        "line 9: focus_user_id 508 stands in line 3 already.",
        "line 10: slack_user_id U0GUEST stands in line 7 already.",
        "line 10: focus_user_id 506 stands in line 2 already.",
    ]
    assert await links(office) == LINKED


async def test_nobody_loses_a_link_without_a_line(office: Office, bring: Import) -> None:
    (told,) = await problems(bring("U0TOM,503", apply=True))
    assert told.startswith("line 2: focus_user_id 503 is linked to U0BEN, who is not in this file.")
    assert await links(office) == LINKED


@pytest.mark.parametrize(
    ("heading", "encoding", "says"),
    [
        ("slack,focus_user_id", "utf-8", "line 1: the column slack_user_id is missing"),
        ("", "utf-8", "the column slack_user_id and the column focus_user_id is missing"),
        ("slack_user_id,focus_user_id,näme", "latin-1", "line 1: this is not UTF-8"),
        ("slack_user_id,focus_user_id", "utf-16", "line 1: this is not UTF-8"),
        ('slack_user_id,focus_user_id,"', "utf-8", "this is not CSV"),
    ],
    ids=["a missing column", "no heading", "latin-1", "utf-16", "an open quotation mark"],
)
async def test_a_file_that_is_no_table(
    office: Office, bring: Import, heading: str, encoding: str, says: str
) -> None:
    told = await problems(bring("U0TOM,506", heading=heading, encoding=encoding, apply=True))
    assert says in " ".join(told)
    assert await links(office) == LINKED


async def test_a_spreadsheets_own_way_of_writing(office: Office, bring: Import) -> None:
    """Semicolons, capitals, spaces, a mark at the beginning, columns in another order."""
    heading = "\ufeffFocus_User_ID; Note ;Slack_User_ID"
    assert (await bring("506;x;U0TOM", heading=heading, apply=True)).startswith("1 link: 1 new")
    assert (await links(office))["U0TOM"] == 506


def test_nothing_in_a_cell_is_worked_out(tmp_path: Path) -> None:
    """And what was written so comes back as it was."""
    path = tmp_path / "cells.csv"
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "Zoë, “Bold”", '=HYPERLINK("x")', "line\nbreak"]
    write(path, ("name",), ([name] for name in names))
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [row[0] for row in list(csv.reader(file))[1:]]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert [line.cells["name"] for line in read(path, required=("name",))] == [name.strip() for name in names]


# ------------------------------------------------------------------ from the command line


@pytest.fixture
def environment(office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty folder, and nothing set but where the database is."""
    monkeypatch.chdir(tmp_path)
    for name in office.sandbox.environment():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_PATH", str(office.settings.database_path))


@pytest.mark.usefixtures("environment")
def test_without_slacks_token_an_import_says_what_it_needs(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["links", "import", str(tmp_path / "links.csv")]) == 2
    assert "SLACK_BOT_TOKEN is missing" in capsys.readouterr().err


def test_without_a_database_there_is_nothing_to_export(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_PATH", str(tmp_path / "none.db"))
    for command in (["links", "export", "x.csv"], ["export", "weeks", "x.csv"]):
        assert main(command) == 1
        assert "Start the bot first" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"slack_bot_token": SecretStr("xoxb-other")}, "Slack refuses: invalid_auth"),
        ({"slack_api_url": "http://127.0.0.1:9/"}, "Slack cannot be reached at http://127.0.0.1:9/"),
    ],
    ids=["a wrong token", "no network"],
)
async def test_slack_does_not_say_who_is_there(
    office: Office, settings: SlackFileSettings, tmp_path: Path, other: dict[str, object], says: str
) -> None:
    path = tmp_path / "links.csv"
    path.write_text("slack_user_id,focus_user_id\nU0TOM,506\n")
    (told,) = await problems(import_links(settings.model_copy(update=other), path, apply=True))
    assert told.startswith(says)
    assert await links(office) == LINKED


async def test_a_full_disk_or_a_missing_folder(settings: SlackFileSettings, tmp_path: Path) -> None:
    (told,) = await problems(export_links(settings, tmp_path / "no" / "such.csv"))
    assert "cannot be written" in told


async def test_another_workspaces_database_is_left_alone(
    settings: SlackFileSettings, open_store: OpenStore, clock: Clock, tmp_path: Path
) -> None:
    others = tmp_path / "others.db"
    store = await open_store(team_id="T0OTHER", database=others)
    await store.directory.refresh_people(clock.now())
    path = tmp_path / "links.csv"
    path.write_text("slack_user_id,focus_user_id\nU0TOM,506\n")
    elsewhere = settings.model_copy(update={"database_path": others})
    (told,) = await problems(import_links(elsewhere, path, apply=True))
    assert "knows nobody of your team" in told
    assert (await decided(store))["links"] == []
