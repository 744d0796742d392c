"""Every setting: its name, meaning, default and check.

``Settings.load()`` returns a frozen, checked value or raises one :class:`SettingsError` with all
problems at once, a line each.
"""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import NoDecode

from bot import formats
from bot.environment import Chosen, Fix, SettingsError, given_in

__all__ = ["SETTINGS", "Setting", "Settings", "SettingsError", "command_name"]

log = logging.getLogger(__name__)


_BOT_TOKEN = Fix(
    "Copy the Bot User OAuth Token from your app's page at api.slack.com/apps, OAuth & Permissions."
)
_APP_TOKEN = Fix(
    "Make an app-level token with the scope connections:write on your app's page at api.slack.com/apps, "
    "Basic Information."
)
_SIGNING_SECRET = Fix("Copy it from your app's page at api.slack.com/apps, Basic Information.")
_FOCUS_KEY = Fix("Make an API key in Toggl Focus as an Organization Admin; best a user of the bot's own.")
_ADDRESS = Fix("Open Focus and read its address: focus.toggl.com/<organization>/workspaces/<workspace>/…")
_ADMINS = Fix("In Slack open a person's profile, ⋮, Copy member ID; put commas between several.")
_CHANNEL = Fix("In Slack open the channel's details; the ID stands at the very bottom of About.")


class Settings(Chosen):
    """The settings of a deployment. The upper-case field names are the names in the environment."""

    slack_bot_token: Annotated[SecretStr, BeforeValidator(formats.bot_token), _BOT_TOKEN] = Field(
        description="The bot's token, `xoxb-…`."
    )
    slack_app_token: Annotated[SecretStr | None, BeforeValidator(formats.app_token), _APP_TOKEN] = Field(
        default=None,
        description="App-level token, `xapp-…`: turns Socket Mode on. This or the signing secret.",
    )
    slack_signing_secret: Annotated[
        SecretStr | None, BeforeValidator(formats.signing_secret), _SIGNING_SECRET
    ] = Field(
        default=None, description="Checks what Slack sends over HTTP, when there is no app-level token."
    )
    slack_api_url: Annotated[str, BeforeValidator(formats.slack_url)] = Field(
        default="https://slack.com/api/", description="Where every Slack client calls."
    )
    focus_api_url: Annotated[str, BeforeValidator(formats.url)] = Field(
        default="https://focus.toggl.com/api", description="Where the Focus client calls."
    )
    focus_api_key: Annotated[SecretStr | None, BeforeValidator(formats.focus_key), _FOCUS_KEY] = Field(
        default=None, description="Key of an Organization Admin, `toggl_sk_…`. This or e-mail and password."
    )
    focus_email: str | None = Field(default=None, description="E-mail for Basic authentication.")
    focus_password: SecretStr | None = Field(default=None, description="Password for Basic authentication.")
    focus_api_key_expires: Annotated[date | None, Fix("Write it like 2027-03-31.")] = Field(
        default=None, description="The day the key ends: admins are warned 14, 3 and 1 days before."
    )
    focus_organization_id: Annotated[int, _ADDRESS] = Field(
        gt=0, description="First number in Focus's address."
    )
    focus_workspace_id: Annotated[int, _ADDRESS] = Field(
        gt=0, description="Second number in Focus's address; placeholders need it."
    )
    focus_weekdays: Annotated[
        Literal["sunday0", "monday0", "iso"] | None, Fix("`python -m bot doctor` finds out which.")
    ] = Field(
        default=None,
        description="Focus's weekday numbers: `sunday0`, `monday0`, `iso`. Unset: admins confirm first.",
    )
    focus_quota: int = Field(
        default=30,
        gt=0,
        description="Requests an hour, counted here where Focus does not say: 30, 240 or 600.",
    )
    focus_quota_reserve: Annotated[int, BeforeValidator(formats.percent), Fix("Write it like 20 %.")] = Field(
        default=20, ge=0, le=90, description="Percent of the quota kept for people, against boards and bulk."
    )
    database_path: Path = Field(
        default=Path("hours.db"), description="The SQLite file, on a disk that survives a restart."
    )
    hours_admins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(formats.member_ids), _ADMINS] = Field(
        description="Slack member ids, comma-separated, of the people who may do everything."
    )
    hours_command: Annotated[str, BeforeValidator(formats.command)] = Field(
        default="/hours", description="The slash command. Another app's command of that name would hide it."
    )
    hours_view: Literal["members", "managers"] = Field(
        default="members", description="Who sees other people's weeks: `members` or `managers`."
    )
    hours_self_edit: bool = Field(default=True, description="`yes`: everybody may change their own week.")
    hours_guests: Literal["own", "nothing"] = Field(
        default="own", description="What Slack guests may use: their `own` week, or `nothing`."
    )
    hours_audit_channel: Annotated[str | None, BeforeValidator(formats.channel_id), _CHANNEL] = Field(
        default=None, description="Id of a private channel that gets one line for each change."
    )
    hours_cache_seconds: int = Field(
        default=900, ge=0, description="How long a week that was read counts as fresh."
    )
    hours_timezone: Annotated[ZoneInfo, Fix("Use an IANA name such as Europe/Stockholm.")] = Field(
        default=ZoneInfo("UTC"), description="IANA zone of days and times, where no person's own counts."
    )
    hours_email_aliases: Annotated[dict[str, str], NoDecode, BeforeValidator(formats.email_aliases)] = Field(
        default_factory=dict,
        description="Slack's e-mail or domain = Focus's, comma-separated: `ana@a.com=al@b.com, a.com=b.com`.",
    )
    hours_retention_days: int = Field(
        default=365, gt=0, description="Days that the history of changes and cached weeks are kept."
    )
    hours_reminder_grace_minutes: int = Field(
        default=60, ge=0, description="How late a reminder may still be posted after a standstill."
    )
    hours_ephemeral: bool = Field(
        default=False,
        description="`yes`: start although the disk, and so the database, is lost at a restart.",
    )
    port: int | None = Field(
        default=None, gt=0, lt=65536, description="Health checks, and Slack's requests in HTTP mode."
    )

    @property
    def socket_mode(self) -> bool:
        """Whether the bot uses Socket Mode; otherwise Slack sends HTTP requests."""
        return self.slack_app_token is not None

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None, env_file: str | Path | None = ".env") -> Self:
        """Load the settings from ``environment`` (default: the process's), else from ``env_file``.

        Raises:
            SettingsError: something is missing or wrong.
        """
        given = given_in(environment, env_file)
        unknown = list(_unknown(given))
        problems = list(_conflicts(given))
        try:
            settings = cls.of(given)
        except SettingsError as error:
            problems = [*error.problems, *problems]
        else:
            if not problems:
                for line in unknown:
                    log.warning("%s", line)
                return settings
        raise SettingsError(problems + unknown)


def command_name(environment: Mapping[str, str] | None = None, env_file: str | Path | None = ".env") -> str:
    """Read only the slash command's name: the manifest needs it before there are any tokens.

    Raises:
        SettingsError: the name breaks Slack's rules.
    """
    try:
        return formats.command(given_in(environment, env_file).get("HOURS_COMMAND", "/hours"))
    except ValueError as error:
        raise SettingsError([f"HOURS_COMMAND {error}."]) from None


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the settings table."""

    name: str
    meaning: str
    default: str
    """As it would be written in the environment; empty if there is none."""
    required: bool


def _setting(name: str, field: FieldInfo) -> Setting:
    default = field.get_default(call_default_factory=True, validated_data={})
    match default:
        case True | False:
            text = "yes" if default else "no"
        case str() | int() | Path() | ZoneInfo():
            text = str(default)
        case _:
            text = ""
    return Setting(name.upper(), field.description or "", text, field.is_required())


SETTINGS = tuple(_setting(name, field) for name, field in Settings.model_fields.items())
"""Name, meaning and default of every setting, in the order of the README."""


def _conflicts(given: Mapping[str, str]) -> Iterator[str]:
    """Problems between several settings, or with variables that are no settings of ours."""
    if not given.keys() & {"SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"}:
        yield f"SLACK_APP_TOKEN is missing (or SLACK_SIGNING_SECRET, to use HTTP). {_APP_TOKEN.text}"
    elif "SLACK_APP_TOKEN" not in given and "PORT" not in given:
        yield "PORT is missing: without SLACK_APP_TOKEN Slack's requests come to this port: set it to 3000."
    if "FOCUS_API_KEY" not in given and not {"FOCUS_EMAIL", "FOCUS_PASSWORD"} <= given.keys():
        yield f"FOCUS_API_KEY is missing (or FOCUS_EMAIL together with FOCUS_PASSWORD). {_FOCUS_KEY.text}"
    for name in sorted(given.keys() & {"SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"}):
        yield f"{name} is set, and would make Slack's library ignore SLACK_BOT_TOKEN for OAuth. Remove it."
    if "DYNO" in given and given.get("HOURS_EPHEMERAL", "no").lower() not in formats.YES:
        yield (
            "DATABASE_PATH is on a disk that every restart empties (DYNO is set): links, history and waiting "
            "changes would be lost. Use a host with a lasting disk, or accept that with HOURS_EPHEMERAL=yes."
        )


def _unknown(given: Mapping[str, str]) -> Iterator[str]:
    """Warnings about names that begin with ``HOURS_`` or ``FOCUS_`` and are no settings."""
    known = [setting.name for setting in SETTINGS]
    for name in given:
        if re.match(r"(HOURS|FOCUS)_", name) and name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
            hint = f"Did you mean {near[0]}?" if near else "It is ignored."
            yield f"{name} is not a setting. {hint}"
