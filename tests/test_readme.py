"""The README is true: its commands are understood, its files exist, its tables are the code's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from handlers import ROUTES
from handlers.asked import Verb
from handlers.grammar import parse, parse_hours, parse_pattern
from handlers.routes import Command

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
CODE = re.findall(r"`([^`\n]+)`", README)
COMMANDS = sorted({code.removeprefix("/hours").strip() for code in CODE if re.match(r"/hours( |$)", code)})


def section(title: str) -> str:
    """What stands under a heading, up to the next one."""
    return re.split(r"^#+ ", README.split(f"# {title}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]


def as_slack_sends(text: str) -> str:
    """The line as it arrives: names picked from Slack's lists are ids."""
    group = {"designers": "<!subteam^S0DESIGN|@designers>"}
    named = re.sub(r"@(\w+)", lambda name: group.get(name[1]) or f"<@U0{name[1].upper()}|{name[1]}>", text)
    return re.sub(r"#(\w+)", r"<#C0STUDIO|\1>", named)


@pytest.mark.parametrize("text", COMMANDS, ids=str)
def test_every_command_is_understood(text: str) -> None:
    parse(as_slack_sends(text))


def test_the_table_of_commands_has_every_verb() -> None:
    shown = {parse(as_slack_sends(text)).verb for text in COMMANDS}
    assert shown == {route.verb for route in ROUTES if isinstance(route, Command)}, "no more, no fewer"
    assert Verb.LOOK in shown


def test_days_and_hours_are_written_like_this() -> None:
    rows = re.findall(r"^\| (`.+?`) \|", section("Days and hours"), re.MULTILINE)
    written = [code for row in rows for code in re.findall(r"`(.+?)`", row)]
    hours = [text for text in written if re.match(r"\d|off", text)]
    assert len(hours) > 5
    assert len(written) > len(hours)
    for text in hours:
        parse_hours(text)
    for text in set(written) - set(hours):
        parse_pattern(f"{text} 8")


def test_every_file_and_folder_exists() -> None:
    named = {
        code for code in CODE if re.fullmatch(r"\.?[\w.-]+(/[\w.-]*)+|[\w.-]+\.(py|txt|md)|\.env\S*", code)
    }
    linked = set(re.findall(r"(?:src=\"|\]\()(?!https?://|#)([^)\"]+)", README))
    assert {"docs/look.png", "LICENSE", "store"} <= linked
    assert "bot/app.py" in named
    missing = {path for path in (named | linked) - {".env"} if not (ROOT / path).exists()}
    assert not missing


def test_every_picture_is_taken_and_small() -> None:
    """``make pictures`` takes them all; a page of them loads at once."""
    pictures = {path.name: path.stat().st_size for path in (ROOT / "docs").glob("*.png")}
    named = re.findall(r'^    "(\w+)": Picture\(', (ROOT / "tests" / "pictures.py").read_text(), re.MULTILINE)
    assert {f"{name}.png" for name in named} == pictures.keys()
    assert all(f"docs/{name}" in README for name in pictures)
    assert max(pictures.values()) < 200_000


def test_every_target_of_make_exists() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make (\w+)", README, re.MULTILINE))
    assert {"demo", "test"} <= named <= targets


def test_every_command_of_the_command_line_exists() -> None:
    known = set(re.findall(r"add_parser\(\s*\"(\w+)\"", (ROOT / "bot" / "cli.py").read_text()))
    assert set(re.findall(r"python -m bot (\w+)", README)) <= known


def test_every_heading_that_is_linked_exists() -> None:
    headings = re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([\w-]+)\)", README)) <= anchors


def test_the_lines_to_fill_in_are_counted() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    assert len([line for line in lines if re.fullmatch(r"[A-Z_]+=", line)]) == 6
    assert "its six empty lines" in README


def test_settings_without_effect_are_confessed() -> None:
    """A table of settings promises that each does something."""
    (line,) = re.findall(r"^Not used yet.*$", README, re.MULTILINE) or [""]
    product = "".join(path.read_text() for path in (ROOT / "bot").glob("*.py") if path.name != "settings.py")
    confessed = set(re.findall(r"`([A-Z_]+)`", line))
    listed = set(re.findall(r"^\| `([A-Z_]+)`", section("Settings"), re.MULTILINE))
    unused = {name for name in listed if f"settings.{name.lower()}" not in product}
    assert unused - {"HOURS_EPHEMERAL"} == confessed, "HOURS_EPHEMERAL is judged while settings are read"
