"""Checks of setup's answers, each against the service it is for.

A check returns the settings to write and what it saw, or raises :class:`WrongAnswerError`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import formats
from bot.clients import focus_http
from bot.vitals import missing_scopes
from handlers.views.words import counted
from store.clock import Clock
from store.focus import (
    BearerAuth,
    FocusClient,
    FocusError,
    ForbiddenError,
    KeyRefusedError,
    NotFoundError,
)

__all__ = ["Checked", "Checks", "WrongAnswerError"]

T = TypeVar("T")

_ADDRESS = re.compile(r"(\d+)/workspaces/(\d+)(?!\d)")


class WrongAnswerError(Exception):
    """The answer cannot be used; the text is the sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The settings to write, and what the check saw."""

    values: Mapping[str, str]
    seen: str


class Checks:
    """The checks of one conversation; later ones use what earlier ones found."""

    def __init__(
        self, slack: AsyncWebClient, *, focus_url: str, clock: Clock, given: Mapping[str, str]
    ) -> None:
        self._slack = slack
        self._focus_url = focus_url
        self._clock = clock
        self._given = given

    async def command(self, answer: str) -> Checked:
        """Check the slash command's name."""
        name = _formatted(formats.command, answer, "The command")
        return Checked({"HOURS_COMMAND": name}, f"people will type {name}")

    async def bot_token(self, answer: str) -> Checked:
        """Check a bot token (``xoxb-…``) with Slack, which says whose it is and which scopes it has."""
        token = _formatted(formats.bot_token, answer, "This")
        self._slack.token = token
        fix = "Copy the Bot User OAuth Token again: OAuth & Permissions, after Install App."
        with _refused("Slack does not accept this token", fix):
            me = await self._slack.auth_test()
        missing = missing_scopes(me.headers)
        lacks = f"; it lacks {', '.join(sorted(missing))}: install the app again" if missing else ""
        return Checked({"SLACK_BOT_TOKEN": token}, f"@{me['user']} in {me['team']}{lacks}")

    async def app_token(self, answer: str) -> Checked:
        """Check an app-level token (``xapp-…``) by asking Slack for a connection, which is not used."""
        token = _formatted(formats.app_token, answer, "This")
        fix = "Make one with the scope connections:write: Basic Information, App-Level Tokens."
        with _refused("Slack opens no connection for this token", fix):
            await self._slack.apps_connections_open(app_token=token)
        return Checked({"SLACK_APP_TOKEN": token}, "Slack opens connections for it")

    async def admins(self, answer: str) -> Checked:
        """Check that these are full members, and turn their member ids or e-mail addresses into ids."""
        ids, names = [], []
        fix = "Use the address in the person's Slack profile, or ⋮ and Copy member ID there."
        for item in filter(None, re.split(r"[,;\s]+", answer)):
            with _refused("Slack knows nobody by one of these", fix):
                found = await (
                    self._slack.users_lookupByEmail(email=item)
                    if "@" in item
                    else self._slack.users_info(user=_formatted(formats.member_ids, item, "This")[0])
                )
            user = found["user"]
            if user.get("is_bot") or user.get("deleted") or user.get("is_restricted"):
                raise WrongAnswerError("An admin is a full member: no guest, no bot, nobody who has left.")
            ids.append(str(user["id"]))
            names.append(str(user.get("real_name") or user["id"]))
        if not ids:
            raise WrongAnswerError("At least one admin is needed: an e-mail address or a member ID.")
        return Checked({"HOURS_ADMINS": ",".join(dict.fromkeys(ids))}, " and ".join(dict.fromkeys(names)))

    async def focus_key(self, answer: str) -> Checked:
        """Check a Focus key (``toggl_sk_…``) by reading its owner's settings."""
        key = _formatted(formats.focus_key, answer, "This")
        await self._ask_focus(key, organization=1, workspace=1, what="settings")
        return Checked({"FOCUS_API_KEY": key}, "Focus accepts it")

    async def expiry(self, answer: str) -> Checked:
        """Check the day on which the Focus key ends."""
        try:
            ends = date.fromisoformat(answer)
        except ValueError:
            raise WrongAnswerError("Write the day like 2027-03-31; Focus shows it with the key.") from None
        days = (ends - self._clock.now().date()).days
        if days < 0:
            raise WrongAnswerError("That day is in the past, so the key has expired: create a new one.")
        left = f"in {counted(days, 'day')}" if days else "today"
        return Checked({"FOCUS_API_KEY_EXPIRES": ends.isoformat()}, f"{left}; admins are warned")

    async def address(self, answer: str) -> Checked:
        """Find the ids of organization and workspace in the address of any page in Focus, and check them."""
        found = _ADDRESS.search(answer)
        if found is None:
            raise WrongAnswerError(
                "There are no two numbers in this. Open Focus in a browser and copy the whole address, like"
                " https://focus.toggl.com/123456/workspaces/654321/…"
            )
        organization, workspace = found.groups()
        key = self._given.get("FOCUS_API_KEY", "")
        await self._ask_focus(key, organization=int(organization), workspace=int(workspace), what="places")
        ids = {"FOCUS_ORGANIZATION_ID": organization, "FOCUS_WORKSPACE_ID": workspace}
        return Checked(ids, f"organization {organization}, workspace {workspace}")

    async def _ask_focus(self, key: str, *, organization: int, workspace: int, what: str) -> None:
        try:
            auth = BearerAuth(key)
        except ValueError:
            raise WrongAnswerError("This is no key: something in it is not of a key.") from None
        async with focus_http() as http:
            focus = FocusClient(
                http,
                url=self._focus_url,
                organization_id=organization,
                workspace_id=workspace,
                auth=auth,
                clock=self._clock,
            )
            try:
                await (focus.settings() if what == "settings" else focus.placeholders())
            except KeyRefusedError as error:
                raise WrongAnswerError(
                    "Focus does not accept this key: it is mistyped, has ended, or a newer one replaced it."
                ) from error
            except ForbiddenError as error:
                raise WrongAnswerError(
                    "The key's owner may not do this. Make the key as an Organization Admin of this very"
                    " organization."
                ) from error
            except NotFoundError as error:
                raise WrongAnswerError(
                    "Focus knows no such organization and workspace, or the key belongs to another one."
                ) from error
            except FocusError as error:
                raise WrongAnswerError(f"Focus did not answer ({error.reason}). Try again.") from error


def _formatted(check: Callable[[str], T], answer: str, subject: str) -> T:
    try:
        return check(answer)
    except ValueError as error:
        raise WrongAnswerError(f"{subject} {error}.") from None


@contextmanager
def _refused(what: str, fix: str) -> Iterator[None]:
    """Turn errors of Slack and of the network into a :class:`WrongAnswerError` with the fix."""
    try:
        yield
    except SlackApiError as error:
        raise WrongAnswerError(f"{what} ({error.response['error']}). {fix}") from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise _unreachable("Slack", error) from error


def _unreachable(service: str, error: Exception) -> WrongAnswerError:
    what = f"{type(error).__name__} {error}".strip()
    return WrongAnswerError(f"{service} cannot be reached ({what}). Check the network, and answer again.")
