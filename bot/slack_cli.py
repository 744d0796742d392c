"""Slack's own command line: ``slack run`` asks these hooks what it may call, for the manifest, and to start.

https://docs.slack.dev/tools/slack-cli/reference/hooks
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from bot.manifest import manifest

__all__ = ["HOOKS", "environment_of_slack_run", "hooks", "hooks_manifest"]

_CALL = ".venv/bin/python -m bot hook"
"""From the folder of the project, where Slack's command line runs them."""

HOOKS = ("get-hooks", "get-manifest", "start")

_GIVEN = {"SLACK_CLI_XOXB": "SLACK_BOT_TOKEN", "SLACK_CLI_XAPP": "SLACK_APP_TOKEN"}


def hooks() -> str:
    """What there is to call, as JSON; the connection is the bot's own."""
    return json.dumps(
        {
            "hooks": {name: f"{_CALL} {name}" for name in HOOKS if name != "get-hooks"},
            "config": {
                "protocol-version": ["message-boundaries", "default"],
                "sdk-managed-connection-enabled": True,
            },
        }
    )


def hooks_manifest(command: str) -> str:
    """The manifest of the app that ``slack run`` makes, as JSON."""
    return json.dumps(manifest(command, socket_mode=True), ensure_ascii=False)


def environment_of_slack_run(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment, with both tokens of the app that ``slack run`` has made."""
    given = dict(os.environ if environment is None else environment)
    return {name: given[theirs] for theirs, name in _GIVEN.items() if given.get(theirs)} | given
