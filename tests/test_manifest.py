"""The manifest fits Slack's own schema and asks for what the features need."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot import cli
from bot.manifest import EVENTS, SCOPES, manifest
from handlers import ROUTES
from handlers.routes import Event, Shortcut

# Slack's published app-manifest schema, kept as it came: https://docs.slack.dev/reference/app-manifest
SCHEMA = json.loads((Path(__file__).parent / "slack-manifest.schema.json").read_text())

OVER_SOCKET = manifest("/hours", socket_mode=True)
OVER_HTTP = manifest("/week", socket_mode=False, url="https://hours.example.com/")


@pytest.mark.parametrize("built", [OVER_SOCKET, OVER_HTTP], ids=["socket", "http"])
def test_it_fits_slacks_schema(built: dict[str, Any]) -> None:
    jsonschema.validate(built, SCHEMA)


def test_the_schema_refuses_a_typo() -> None:
    """A schema that allowed everything would prove nothing."""
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(OVER_SOCKET | {"settings": {"socket_mode": True}}, SCHEMA)


def test_every_event_has_its_scope() -> None:
    assert {scope for scope in EVENTS.values() if scope} <= SCOPES.keys()
    assert OVER_SOCKET["settings"]["event_subscriptions"]["bot_events"] == list(EVENTS)
    assert OVER_SOCKET["oauth_config"]["scopes"]["bot"] == list(SCOPES)


def test_what_slack_brings_has_a_route_and_nothing_else_has() -> None:
    """A direct message is typed like a command, and so belongs to no route of its own."""
    events = {route.type for route in ROUTES if isinstance(route, Event)}
    assert {event for event in EVENTS if event != "message.im"} == events
    shortcuts = {route.callback_id for route in ROUTES if isinstance(route, Shortcut)}
    assert {each["callback_id"] for each in OVER_SOCKET["features"]["shortcuts"]} == shortcuts


def test_every_scope_has_its_reason() -> None:
    assert all(SCOPES.values())


def test_the_readme_gives_every_scope_its_reason() -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    assert (
        dict(re.findall(r"^\| `([a-z:._]+)` \| (.+?) \|$", readme.split("## Scopes")[1], re.MULTILINE))
        == SCOPES
    )


def test_mentions_arrive_as_ids() -> None:
    (command,) = OVER_SOCKET["features"]["slash_commands"]
    assert command["should_escape"] is True


def test_the_transport_decides_about_addresses() -> None:
    assert OVER_SOCKET["settings"]["socket_mode_enabled"] is True
    assert "https://" not in json.dumps(OVER_SOCKET)
    assert OVER_HTTP["settings"]["socket_mode_enabled"] is False
    address = "https://hours.example.com/slack/events"
    assert OVER_HTTP["features"]["slash_commands"][0]["url"] == address
    assert OVER_HTTP["settings"]["interactivity"] == {
        "is_enabled": True,
        "request_url": address,
        "message_menu_options_url": address,
    }


@pytest.mark.parametrize(("socket_mode", "url"), [(True, "https://hours.example.com"), (False, None)])
def test_a_transport_without_its_address_is_refused(socket_mode: bool, url: str | None) -> None:  # noqa: FBT001 - pytest passes it
    with pytest.raises(ValueError, match="address"):
        manifest("/hours", socket_mode=socket_mode, url=url)


def test_the_command_line_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["manifest", "--command", "/week", "--url", "https://hours.example.com"]) == 0
    assert json.loads(capsys.readouterr().out) == OVER_HTTP


def test_a_reader_that_has_read_enough_is_no_error() -> None:
    """As ``python -m bot manifest | head`` is one."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "bot", "manifest"],
        cwd=Path(__file__).parent.parent, stdout=writing, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_wrong_command_name_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["manifest", "--command", "hours"]) == 2
    assert "begin with a slash" in capsys.readouterr().err
