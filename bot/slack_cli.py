"""Slack's own command line: ``slack run`` asks these hooks what it may call, for the manifest, and to start.

https://docs.slack.dev/tools/slack-cli/reference/hooks
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from bot.environment import given_in
from bot.manifest import manifest
from bot.settings import Settings, SettingsError

__all__ = ["HOOKS", "environment_of_slack_run", "hooks", "hooks_manifest"]

_CALL = ".venv/bin/python -m bot hook"
"""From the folder of the project, where Slack's command line runs them."""

HOOKS = ("get-hooks", "get-manifest", "start")

_HANDED_OVER = {"SLACK_CLI_XOXB": "SLACK_BOT_TOKEN", "SLACK_CLI_XAPP": "SLACK_APP_TOKEN"}


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


def environment_of_slack_run(
    environment: Mapping[str, str] | None = None, env_file: str | Path | None = ".env"
) -> dict[str, str]:
    """What was set, with both tokens of the app that ``slack run`` has made, and a database of its own.

    Its tokens win over all others: Slack's command line puts what ``.env`` sets into the environment, and
    that is for the app that people use. The links, rights and history of that one are left alone, too.

    Raises:
        SettingsError: a token was not handed over.
    """
    given = given_in(environment, env_file)
    if missing := [theirs for theirs in _HANDED_OVER if theirs not in given]:
        raise SettingsError([f"{name} is missing: `slack run` hands it over." for name in missing])
    tokens = {ours: given[theirs] for theirs, ours in _HANDED_OVER.items()}
    path = Path(given.get("DATABASE_PATH", Settings.model_fields["database_path"].default))
    return given | tokens | {"DATABASE_PATH": str(path.with_stem(f"{path.stem}-slack-run"))}
