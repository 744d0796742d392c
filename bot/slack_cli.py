"""Hooks of the Slack CLI: ``slack run`` calls them to list the hooks, get the manifest, and start the bot.

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
"""How a hook is called; the Slack CLI does so in the project's folder."""

HOOKS = ("get-hooks", "get-manifest", "start")

_HANDED_OVER = {"SLACK_CLI_XOXB": "SLACK_BOT_TOKEN", "SLACK_CLI_XAPP": "SLACK_APP_TOKEN"}


def hooks() -> str:
    """The answer to ``get-hooks`` as JSON: the other hooks, and that the bot connects by itself."""
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
    """The manifest of the app that ``slack run`` creates, as JSON."""
    return json.dumps(manifest(command, socket_mode=True), ensure_ascii=False)


def environment_of_slack_run(
    environment: Mapping[str, str] | None = None, env_file: str | Path | None = ".env"
) -> dict[str, str]:
    """The given settings, with both tokens of the app that ``slack run`` created and a separate database.

    These tokens override all others: the Slack CLI exports ``.env`` into the environment, and the tokens
    there belong to the app that people use. That app's links, rights and history are not touched, either.

    Raises:
        SettingsError: a token was not handed over.
    """
    given = given_in(environment, env_file)
    if missing := [theirs for theirs in _HANDED_OVER if theirs not in given]:
        raise SettingsError([f"{name} is missing: `slack run` hands it over." for name in missing])
    tokens = {ours: given[theirs] for theirs, ours in _HANDED_OVER.items()}
    path = Path(given.get("DATABASE_PATH", Settings.model_fields["database_path"].default))
    return given | tokens | {"DATABASE_PATH": str(path.with_stem(f"{path.stem}-slack-run"))}
