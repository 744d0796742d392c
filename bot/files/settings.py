"""The few settings that the commands on files need; they work without a Focus key, for example."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, SecretStr

from bot import formats
from bot.environment import Chosen, Fix, given_in

__all__ = ["FileSettings", "SlackFileSettings"]


class FileSettings(Chosen):
    """Settings as in :class:`bot.settings.Settings`; none of them is required."""

    database_path: Path = Path("hours.db")
    focus_weekdays: Literal["sunday0", "monday0", "iso"] | None = None

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None, env_file: str | Path | None = ".env") -> Self:
        """Load the settings from ``environment`` (default: the process's), else from ``env_file``.

        Raises:
            SettingsError: one of them is missing or wrong.
        """
        return cls.of(given_in(environment, env_file))


class SlackFileSettings(FileSettings):
    """The settings for files, and those for asking Slack who is in the workspace."""

    slack_bot_token: Annotated[
        SecretStr, BeforeValidator(formats.bot_token), Fix("Slack is asked who is in the workspace.")
    ]
    slack_api_url: Annotated[str, BeforeValidator(formats.slack_url)] = "https://slack.com/api/"
