"""What Slack's own command line finds when somebody types ``slack run`` in this project."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bot.manifest import manifest
from bot.slack_cli import environment_of_slack_run

ROOT = Path(__file__).parent.parent


def run(command: str, *flags: str) -> str:
    """As Slack's command line does: split at spaces, in the project's folder, with its own flags."""
    python, *arguments = command.split()
    assert python == ".venv/bin/python"
    done = subprocess.run(  # noqa: S603 - the project's own file says what
        [sys.executable, *arguments, *flags], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_the_file_leads_to_the_hooks_and_those_to_the_manifest() -> None:
    project = json.loads((ROOT / ".slack/hooks.json").read_text())
    found = json.loads(run(project["hooks"]["get-hooks"]))
    assert found["config"]["sdk-managed-connection-enabled"] is True
    assert set(found["hooks"]) == {"get-manifest", "start"}
    plain = run(found["hooks"]["get-manifest"])
    assert json.loads(plain) == manifest("/hours", socket_mode=True)
    marked = run(found["hooks"]["get-manifest"], "--protocol=message-boundaries", "--boundary=--7f--")
    assert marked.strip() == f"--7f--{plain.strip()}--7f--"


def test_the_app_s_tokens_come_from_slack_run_unless_the_session_has_its_own() -> None:
    given = {"SLACK_CLI_XOXB": "xoxb-cli", "SLACK_CLI_XAPP": "xapp-cli", "SLACK_BOT_TOKEN": "xoxb-own"}
    found = environment_of_slack_run(given)
    assert (found["SLACK_BOT_TOKEN"], found["SLACK_APP_TOKEN"]) == ("xoxb-own", "xapp-cli")


def test_the_manifest_is_the_project_s_not_the_one_at_slack() -> None:
    assert json.loads((ROOT / ".slack/config.json").read_text())["manifest"] == {"source": "local"}
