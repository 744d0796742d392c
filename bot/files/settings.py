"""The few settings that the commands on files need: the Focus key, for one, is none of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, SecretStr

from bot import formats
from bot.environment import Chosen, Fix, given_in

__all__ = ["FileSettings", "SlackFileSettings"]


class FileSettings(Chosen):
    """As in :class:`bot.settings.Settings`, and none of them is required."""

    database_path: Path = Path("hours.db")
    focus_weekdays: Literal["sunday0", "monday0", "iso"] | None = None

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None, env_file: str | Path | None = ".env") -> Self:
        """The settings of the environment, then of the file.

        Raises:
            SettingsError: one of them is missing or wrong.
        """
        return cls.of(given_in(environment, env_file))


class SlackFileSettings(FileSettings):
    """Also those with which Slack is asked who is in the workspace."""

    slack_bot_token: Annotated[
        SecretStr, BeforeValidator(formats.bot_token), Fix("Slack is asked who is in the workspace.")
    ]
    slack_api_url: Annotated[str, BeforeValidator(formats.slack_url)] = "https://slack.com/api/"
