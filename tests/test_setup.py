"""``python -m bot setup``: every answer is checked at once, and written beside what was there."""

from __future__ import annotations

import io
import json
import stat
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from dotenv import dotenv_values
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli import main
from bot.manifest import manifest
from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from bot.settings import Settings
from bot.setup import set_up
from bot.setup.env_file import EnvFile

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
ADDRESS = "https://focus.toggl.com/{0}/workspaces/{1}/planning?from=2026-11-16"
EXAMPLE = (Path(__file__).parent.parent / ".env.example").read_text(encoding="utf-8")


@dataclass
class Script:
    """Somebody with their answers ready; what they read, and which answers nobody could see."""

    answers: list[str]
    read: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    has_browser: bool = False
    opened: list[str] = field(default_factory=list)

    def open_page(self, url: str) -> bool:
        self.opened.append(url)
        return True

    def say(self, text: str) -> None:
        self.read.append(text)

    def ask(self, prompt: str, *, hidden: bool) -> str:
        self.read.append(prompt)
        if not self.answers:
            raise EOFError
        answer = self.answers.pop(0)
        if hidden:
            self.hidden.append(answer)
        return answer

    @property
    def text(self) -> str:
        return "\n".join(self.read)


@dataclass(frozen=True)
class Machine:
    """A new machine beside the two services."""

    sandbox: Sandbox
    folder: Path

    @property
    def env(self) -> Path:
        return self.folder / ".env"

    def right(self) -> list[str]:
        """The answers of somebody who has everything at hand."""
        slack, focus = self.sandbox.slack, self.sandbox.focus
        address = ADDRESS.format(focus.organization_id, focus.workspace_id)
        return ["", slack.bot_token, slack.app_token, "olivia@example.com", focus.key, "2027-03-31", address]

    async def set_up(self, script: Script, **extra: str) -> int:
        given = self.sandbox.environment()
        places = {name: given[name] for name in ("SLACK_API_URL", "FOCUS_API_URL")}
        places |= {"DATABASE_PATH": str(self.folder / "hours.db"), **extra}
        return await set_up(script, self.env, environment=places, clock=self.sandbox.clock)

    async def run(self, answers: Sequence[str], **extra: str) -> tuple[int, Script]:
        script = Script(list(answers))
        return await self.set_up(script, **extra), script

    def text(self) -> str:
        return self.env.read_text(encoding="utf-8")

    def written(self) -> dict[str, str | None]:
        return dotenv_values(self.env, interpolate=False)


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    scopes = manifest("/hours", socket_mode=True)
    async with Sandbox(clock=Clock(frozen_at=NOW), manifest=scopes) as sandbox:
        yield Machine(sandbox, tmp_path)


async def test_right_answers_make_an_env_file_with_which_the_doctor_is_content(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    status, script = await machine.run(machine.right())
    assert (status, capsys.readouterr().out.splitlines()[-1]) == (0, "All is well.")
    slack, focus = machine.sandbox.slack, machine.sandbox.focus
    assert machine.written() == {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "HOURS_ADMINS": "U0OLIVIA",
        "FOCUS_API_KEY": focus.key,
        "FOCUS_API_KEY_EXPIRES": "2027-03-31",
        "FOCUS_ORGANIZATION_ID": str(focus.organization_id),
        "FOCUS_WORKSPACE_ID": str(focus.workspace_id),
    }
    assert stat.S_IMODE(machine.env.stat().st_mode) == 0o600
    assert script.hidden == [slack.bot_token, slack.app_token, focus.key]
    for secret in script.hidden:
        assert secret not in script.text
    assert "Olivia Grant" in script.text


async def test_the_link_makes_an_app_with_the_wanted_command(machine: Machine) -> None:
    _, script = await machine.run(["/week", *machine.right()[1:]])
    [link] = [line for line in script.text.splitlines() if line.startswith("https://api.slack.com/apps?")]
    query = parse_qs(urlparse(link).query, strict_parsing=True)
    assert query["new_app"] == ["1"]
    assert json.loads(query["manifest_json"][0]) == manifest("/week", socket_mode=True)
    assert machine.written()["HOURS_COMMAND"] == "/week"


async def test_where_there_is_a_browser_enter_opens_the_page_that_creates_the_app(machine: Machine) -> None:
    command, *others = machine.right()
    script = Script([command, "", *others], has_browser=True)
    assert await machine.set_up(script) == 0
    [link] = script.opened
    assert link.startswith("https://api.slack.com/apps?new_app=1&")
    assert link not in script.text, "it is thousands of characters long"
    again = Script([""] * 7, has_browser=True)
    assert await machine.set_up(again) == 0
    assert not again.opened, "there is an app already"


async def test_who_has_an_app_already_opens_no_page(machine: Machine) -> None:
    command, *others = machine.right()
    script = Script([command, "n", *others], has_browser=True)
    assert await machine.set_up(script) == 0
    assert not script.opened
    assert "https://api.slack.com" not in script.text


async def test_without_a_browser_there_is_a_short_way_too(machine: Machine) -> None:
    _, script = await machine.run(machine.right())
    assert "paste there what `python -m bot manifest` prints" in script.text


async def test_a_second_run_keeps_everything_with_enter(machine: Machine) -> None:
    await machine.run(machine.right())
    before = machine.text()
    status, script = await machine.run([""] * 7)
    assert (status, machine.text()) == (0, before)
    for secret in (
        machine.sandbox.slack.bot_token,
        machine.sandbox.slack.app_token,
        machine.sandbox.focus.key,
    ):
        assert secret not in script.text


async def test_a_file_that_others_could_read_is_the_owner_s_alone_afterwards(machine: Machine) -> None:
    """Though nothing in it is written anew."""
    await machine.run(machine.right())
    machine.env.chmod(0o644)
    _, script = await machine.run([""] * 7)
    assert "which only you can read" in script.text
    assert stat.S_IMODE(machine.env.stat().st_mode) == 0o600


async def test_a_run_that_stops_is_taken_up_by_the_next(machine: Machine) -> None:
    with pytest.raises(EOFError):
        await machine.run(machine.right()[:4])
    status, _ = await machine.run(["", "", "", "", *machine.right()[4:]])
    assert status == 0


WRONG = [
    (0, "hours", "must begin with a slash"),
    (0, "/remind", "is a command of Slack's own"),
    (1, "", "This one is needed."),
    (1, "xapp-1-sandbox", "holds the app-level token: it belongs in SLACK_APP_TOKEN"),
    (1, "xoxb-of-somebody-else", "Slack does not accept this token (invalid_auth)"),
    (2, "xoxb-sandbox", "holds the bot token: it belongs in SLACK_BOT_TOKEN"),
    (2, "xapp-of-somebody-else", "Slack opens no connection for this token (invalid_auth)"),
    (3, "nobody@example.com", "Slack knows nobody by one of these (users_not_found)"),
    (3, "olivia", "must list member ids like U012AB3CD"),
    (3, "U0NOBODY", "Slack knows nobody by one of these (user_not_found)"),
    (3, ",", "At least one admin is needed"),
    (4, "xoxb-sandbox", "holds the bot token"),
    (4, "toggl_sk_of_somebody_else", "Focus does not accept this key"),
    (4, "toggl sk\x01", "This is no key"),
    (5, "31.3.2027", "Write the day like 2027-03-31"),
    (5, "2026-11-15", "That day is in the past"),
    (6, "https://focus.toggl.com/", "There are no two numbers in this."),
    (6, "focus.toggl.com/999/workspaces/2002", "an Organization Admin of this very organization"),
    (6, "focus.toggl.com/1001/workspaces/998", "Focus knows no such organization and workspace"),
]


@pytest.mark.parametrize(("place", "answer", "sentence"), WRONG)
async def test_every_wrong_answer_gets_a_sentence_and_another_try(
    machine: Machine, place: int, answer: str, sentence: str
) -> None:
    right = machine.right()
    status, script = await machine.run([*right[:place], answer, *right[place:]])
    assert status == 0
    assert sentence in script.text


async def test_a_guest_is_no_admin(machine: Machine) -> None:
    guest = next(each for each in machine.sandbox.slack.world.people.values() if each.is_restricted)
    right = machine.right()
    _, script = await machine.run([*right[:3], guest.id, *right[3:]])
    assert "An admin is a full member" in script.text
    assert machine.written()["HOURS_ADMINS"] == "U0OLIVIA"


async def test_a_slack_that_cannot_be_reached_is_said(machine: Machine) -> None:
    script = Script(machine.right()[:2])
    with pytest.raises(EOFError):
        await machine.set_up(script, SLACK_API_URL="http://127.0.0.1:9/api/")
    assert "Slack cannot be reached" in script.text


async def test_what_the_environment_sets_is_not_asked(machine: Machine) -> None:
    right = machine.right()
    status, script = await machine.run([*right[:4], *right[5:]], FOCUS_API_KEY=machine.sandbox.focus.key)
    assert status == 0
    assert "FOCUS_API_KEY is set in the environment, which wins over .env: left as it is." in script.text
    assert "FOCUS_API_KEY" not in machine.written()


async def test_other_lines_stay_as_they_are(machine: Machine) -> None:
    machine.env.write_text(
        "# ours\nHOURS_VIEW=managers\n\nexport FOCUS_API_KEY='old'\n# FOCUS_API_KEY_EXPIRES=\nX=1"
    )
    await machine.run(machine.right())
    lines = machine.text().splitlines()
    assert lines[:7] == [
        "# ours",
        "HOURS_VIEW=managers",
        "",
        f"FOCUS_API_KEY={machine.sandbox.focus.key}",
        "# FOCUS_API_KEY_EXPIRES=",
        "FOCUS_API_KEY_EXPIRES=2027-03-31",
        "X=1",
    ]


async def test_a_new_file_begins_as_the_example(machine: Machine) -> None:
    (machine.folder / ".env.example").write_text(EXAMPLE, encoding="utf-8")
    await machine.run(machine.right())
    assert "# --- Toggl Focus" in machine.text()
    assert Settings.load({}, machine.env).hours_admins == ("U0OLIVIA",)


VALUES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")))
LINES = st.sampled_from(
    ["# note\n", "\n", "A=1\n", "export A='2'\n", 'B="x\ny"\n', "# A=\n", "C = 3 # why\n"]
)


@given(st.lists(LINES), st.sampled_from(["A", "B", "NEW"]), VALUES)
@settings(max_examples=200)
def test_setting_one_name_changes_no_other(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], name: str, value: str
) -> None:
    path = tmp_path_factory.mktemp("env") / ".env"
    path.write_text("".join(lines), encoding="utf-8")
    before = dotenv_values(path, interpolate=False)
    EnvFile(path).put(name, value)
    assert dict(dotenv_values(path, interpolate=False)) == dict(before) | {name: value}
    text = path.read_text(encoding="utf-8")
    assert [line for line in text.splitlines(keepends=True) if line.startswith("#")] == [
        line for line in lines if line.startswith("#")
    ]


def test_without_a_terminal_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["setup"]) == 1
    assert "Setup asks questions: run it in a terminal." in capsys.readouterr().err
