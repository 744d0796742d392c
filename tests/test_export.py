"""``python -m bot export weeks``: everybody's last-known week, how old it is, and who changed it last."""

from __future__ import annotations

import asyncio
import csv
from decimal import Decimal
from pathlib import Path

import pytest

from bot.cli import main
from bot.files.cells import FileProblemsError
from bot.files.settings import FileSettings
from bot.files.weeks import export_weeks
from bot.sandbox.clock import Clock
from bot.sandbox.focus import Focus
from store import Config, Store
from store.access import Action
from store.focus import Reading, WireRow
from store.lastknown import LastKnown
from store.week import Subject
from tests.asking import ANA, BEN, DESIGNER, LARS, MON, SAT, Asker, calls
from tests.inside import database

OLIVIA = Subject("person", 505)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@pytest.fixture
async def olivia(store: Store, clock: Clock) -> Asker:
    """Some weeks were read, two changed from Slack, one of them by somebody who is linked."""
    asker = Asker(store, clock)
    await store.directory.refresh_people(clock.now())
    await store.directory.refresh_placeholders(clock.now())
    await store.links.link(
        await asker.permit(Action.ADMINISTER), slack_user_id="U0OLIVIA", focus_user_id=505, now=clock.now()
    )
    await store.hours.look(await asker.permit(Action.SEE, LARS))
    clock.move(seconds=3 * 86_400)
    await store.hours.look(await asker.permit(Action.SEE, DESIGNER))
    await asker.sets(BEN, {MON: 7.3333, SAT: 0})
    await asker.sets(ANA, {MON: 1})
    clock.move(seconds=60)
    await asker.sets(ANA, {MON: 4})
    return asker


async def export(
    config: Config, path: Path, clock: Clock, **more: str
) -> tuple[str, dict[str, dict[str, str]]]:
    given = {"DATABASE_PATH": str(config.database), "FOCUS_WEEKDAYS": "sunday0"} | more
    told = await export_weeks(FileSettings.load(given, env_file=None), path, now=clock.now())
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = {f"{row['kind']}:{row['focus_id']}": row for row in csv.DictReader(file)}
    return told, rows


def week(row: dict[str, str]) -> str:
    return " ".join(row[day] or "-" for day in DAYS)


@pytest.mark.usefixtures("olivia")
async def test_everybodys_week_is_there(config: Config, clock: Clock, tmp_path: Path) -> None:
    told, rows = await export(config, tmp_path / "weeks.csv", clock)
    assert [row["name"] for row in rows.values()][:2] == ["Ana Lindqvist", "Ana Petrova"]
    assert [row["kind"] for row in rows.values()] == ["person"] * 8 + ["placeholder"] * 3
    ben = rows[BEN.key]
    assert week(ben).startswith("7.3333")
    assert ben["Sat"] == "0"
    assert ben["Sun"] == ""
    assert float(ben["total"]) == sum(float(ben[day] or 0) for day in DAYS)
    assert ben["last_change_by"] == "Olivia Grant (U0OLIVIA)"
    ana = rows[ANA.key]
    assert ana["Mon"] == "4"
    assert ana["last_change_at"] == "2026-03-05T09:01:00+00:00"
    lars = rows[LARS.key]
    assert (lars["as_of"], lars["last_change_at"]) == ("2026-03-02T09:00:00+00:00", "")
    assert rows["person:502"]["as_of"] == "never read"
    assert week(rows["person:502"]) == "- - - - - - -"
    assert rows[DESIGNER.key]["total"] != ""
    assert told.startswith("11 weeks written to ")
    assert "the oldest 3 days ago." in told
    assert told.endswith("Empty, because never read: 7.")


async def test_a_confirmed_week_says_since_when(
    olivia: Asker, config: Config, clock: Clock, tmp_path: Path
) -> None:
    own = await olivia.permit(Action.SEE, OLIVIA)
    look = await olivia.store.hours.look(own)
    await olivia.store.confirmations.confirm(own, look.snapshot.week, now=clock.now())
    _, rows = await export(config, tmp_path / "weeks.csv", clock)
    assert rows["person:505"]["confirmed_at"] == "2026-03-05T09:01:00+00:00"
    assert rows[LARS.key]["confirmed_at"] == ""
    clock.move(seconds=60)
    await olivia.sets(OLIVIA, {MON: 1})
    _, rows = await export(config, tmp_path / "weeks.csv", clock)
    assert rows["person:505"]["confirmed_at"] == ""


async def test_it_asks_focus_nothing(
    olivia: Asker, focus: Focus, config: Config, clock: Clock, tmp_path: Path
) -> None:
    before = calls(focus)
    await export(config, tmp_path / "weeks.csv", clock)
    assert calls(focus) == before
    assert olivia.store.team_id == "T0SANDBOX"


@pytest.mark.usefixtures("olivia")
async def test_a_formula_for_a_name(
    focus: Focus, store: Store, config: Config, clock: Clock, tmp_path: Path
) -> None:
    focus.change_person(508, name='=HYPERLINK("http://x.example","Lars")')
    await store.directory.refresh_people(clock.now())
    await store.directory.refresh_placeholders(clock.now())
    _, rows = await export(config, tmp_path / "weeks.csv", clock)
    assert rows[LARS.key]["name"].startswith("'=HYPERLINK")


async def test_numbers_that_cannot_be_under_the_setting(
    olivia: Asker, config: Config, clock: Clock, tmp_path: Path
) -> None:
    seven = Reading(rows=(WireRow(id=1, weekday=7, hours=Decimal(8)),), as_of=clock.now())
    await LastKnown(database(olivia.store), team_id=config.team_id).put(ANA, seven)
    with pytest.raises(FileProblemsError, match="FOCUS_WEEKDAYS"):
        await export(config, tmp_path / "weeks.csv", clock, FOCUS_WEEKDAYS="monday0")
    assert not (tmp_path / "weeks.csv").exists()


@pytest.mark.usefixtures("olivia")
async def test_the_command_needs_only_the_database(
    config: Config, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """In a thread, as the command brings a loop of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_PATH", str(config.database))
    monkeypatch.setenv("FOCUS_WEEKDAYS", "sunday0")
    assert await asyncio.to_thread(main, ["export", "weeks", "weeks.csv"]) == 0
    assert "11 weeks written to weeks.csv" in capsys.readouterr().out
    assert await asyncio.to_thread(main, ["links", "export", "links.csv"]) == 0
    assert "1 link written" in capsys.readouterr().out
