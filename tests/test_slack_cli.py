"""What Slack's own command line finds when somebody types ``slack run`` in this project."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import main
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


HANDED_OVER = {"SLACK_CLI_XOXB": "xoxb-cli", "SLACK_CLI_XAPP": "xapp-cli"}


@pytest.mark.parametrize("own", ["own", ""], ids=["after a setup", "with the lines of .env.example empty"])
def test_the_tokens_are_those_of_the_app_that_slack_run_has_made(tmp_path: Path, own: str) -> None:
    """Slack's command line puts what ``.env`` sets into the environment, beside its own."""
    lines = {"SLACK_BOT_TOKEN": own and f"xoxb-{own}", "SLACK_APP_TOKEN": own and f"xapp-{own}"}
    env_file = tmp_path / ".env"
    env_file.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
    for environment in (HANDED_OVER, HANDED_OVER | lines):
        found = environment_of_slack_run(environment, env_file)
        assert (found["SLACK_BOT_TOKEN"], found["SLACK_APP_TOKEN"]) == ("xoxb-cli", "xapp-cli")


def test_the_app_for_trying_things_out_has_a_database_of_its_own(tmp_path: Path) -> None:
    assert environment_of_slack_run(HANDED_OVER, None)["DATABASE_PATH"] == "hours-slack-run.db"
    env_file = tmp_path / ".env"
    env_file.write_text("DATABASE_PATH=/srv/hours/week.db\nHOURS_VIEW=managers\n")
    found = environment_of_slack_run(HANDED_OVER, env_file)
    assert (found["DATABASE_PATH"], found["HOURS_VIEW"]) == ("/srv/hours/week-slack-run.db", "managers")


def test_without_its_tokens_no_other_app_is_joined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-own")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-own")
    monkeypatch.setenv("SLACK_CLI_XAPP", "xapp-cli")
    assert main(["hook", "start"]) == 2
    assert "SLACK_CLI_XOXB is missing" in capsys.readouterr().err


def test_the_manifest_is_the_project_s_not_the_one_at_slack() -> None:
    assert json.loads((ROOT / ".slack/config.json").read_text())["manifest"] == {"source": "local"}
