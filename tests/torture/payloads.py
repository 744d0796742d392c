"""Everything that Slack can send at some moment, gathered from the screens of people who are shown a lot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

from bot.sandbox.calls import Call
from bot.sandbox.slack import Human, Message, View
from bot.sandbox.slack.inputs import Placed, placed
from bot.sandbox.slack.payloads import interaction, view_json
from tests.office import STUDIO, Office

__all__ = ["Captured", "captured_from", "gathered", "names", "pressed", "submitted"]

Json = dict[str, Any]

LINES = (
    "", "me", "<@U0BEN>", '"Designer 1"', "Designer", "set fri 4", "set <@U0BEN> thu 5:33", "mon 8",
    "set <@U0BEN> <@U0ANA> tue 4", "set @ben fri 4", "set fri", "clear <@U0BEN> fri", "history",
    "set <@U0BEN> fri 6 from next mon until 2030-01-04", "plan", "plan <@U0BEN>", "who week",
    "who tomorrow <@U0BEN> <@U0ANA>", "managers", "managers grant <@U0MIA> everyone", "links", "link",
    "remind weekdays 10:00", "reminders", "remind", "status", "my-data", "help", "help plan",
    "placeholders", "undo", "bulk", "edit", "edit <@U0BEN>", "weeks", "clear",
)  # fmt: skip
"""What an admin types, so that there is something to press."""

OPENERS = (
    "edit", "plan_edit", "reminder_change", "reminder_pause", "managers_grant", "link_open", "bulk",
    "remind_form", "per_day",
)  # fmt: skip
"""Buttons behind which there is a form."""


@dataclass(frozen=True, slots=True)
class Captured:
    """One payload, as the app would receive it."""

    kind: Literal["slash_commands", "interactive", "events_api"]
    payload: Json

    @property
    def name(self) -> str:
        """``undo``, ``editor``, ``/hours``, ``app_home_opened``."""
        if self.kind == "slash_commands":
            return str(self.payload["command"])
        if self.kind == "events_api":
            return str(self.payload["event"]["type"])
        payload = self.payload
        action = (payload.get("actions") or [payload])[0].get("action_id") or payload.get("callback_id")
        return str(action or payload["view"]["callback_id"]).partition(":")[0]

    @property
    def user_id(self) -> str:
        """Who has sent it."""
        if self.kind == "slash_commands":
            return str(self.payload["user_id"])
        of = self.payload["event"] if self.kind == "events_api" else self.payload
        user = of["user"]
        return str(user["id"] if isinstance(user, dict) else user)

    def by(self, human: Human) -> Captured:
        """The same, sent by somebody else."""
        payload, person = deepcopy(self.payload), human._acts.person
        if self.kind == "slash_commands":
            payload |= {"user_id": person.id, "user_name": person.handle, "team_id": person.team_id}
        elif self.kind == "interactive":
            names = {"id": person.id, "username": person.handle, "name": person.handle}
            payload["user"] |= names | {"team_id": person.team_id}
        elif isinstance(payload["event"].get("user"), str):
            payload["event"]["user"] = person.id
        return Captured(self.kind, payload)


async def gathered(office: Office) -> list[Captured]:
    """An admin and a member look around; nothing is pressed that is not there to open a form."""
    found: list[Captured] = []
    async with captured_from(office, found):
        for human in (office.olivia, office.ana):
            found += await _tour(office, human)
            await human.open_home()
            await human.open_messages()
            assert human.home
            found += _shown(human, human.home)
            await human.shortcut("edit_my_hours")
            await office.bot.desk.work.idle()
            found += _closed(human)
        await office.ana.types(STUDIO, "/hours set <@U0BEN> sat 1")
        refused = await office.ana.sees("Ask", channel=STUDIO)
        await office.ana.click(refused, "petition")
        await office.at_rest()
        await office.olivia.types(office.olivia.dm, "help")
        await office.slack.change_user("U0ZOE", tz="Europe/Paris")
        await office.bot.desk.work.idle()
        for message in office.olivia.messages(office.olivia.dm):
            found += _shown(office.olivia, message)
    return found


@asynccontextmanager
async def captured_from(office: Office, found: list[Captured]) -> AsyncIterator[None]:
    """Whatever is sent meanwhile is ``found``."""

    def note(call: Call) -> None:
        if call.service == "slack" and call.direction == "out" and isinstance(call.request, dict):
            found.append(Captured(_kind(call.request), deepcopy(call.request)))

    end = office.sandbox.log.subscribe(note)
    yield
    end()


def names(found: list[Captured]) -> set[str]:
    """What there is to press and to send."""
    return {each.name for each in found}


async def _tour(office: Office, human: Human) -> list[Captured]:
    found: list[Captured] = []
    for line in LINES:
        before = len(human.messages(STUDIO))
        await human.types(STUDIO, f"/hours {line}".rstrip())
        await office.bot.desk.work.idle()
        found += _closed(human)
        for message in human.messages(STUDIO)[before:]:
            found += _shown(human, message)
            for name in [str(each.element["action_id"]) for each in placed(message.blocks)]:
                if name.partition(":")[0] in OPENERS:
                    with suppress(LookupError):  # gone from the screen since
                        await human.click(message, name)
                        await office.bot.desk.work.idle()
                        found += _closed(human)
    return found


def _closed(human: Human) -> list[Captured]:
    """What the form in sight could send; it is put away."""
    found: list[Captured] = []
    while human.modal:
        view = human.modal
        found += _shown(human, view)
        found.append(submitted(human, view))
        found.append(submitted(human, view, kind="view_closed"))
        human._world.stacks.pop(human.id)
    return found


def pressed(human: Human, name: str, value: str, **more: Any) -> Captured:
    """A press on a button with this value, below a message that only this person saw."""
    action = {"type": "button", "block_id": "b", "action_id": name, "value": value, "action_ts": "1.2"}
    container = {"type": "message", "message_ts": "1.2", "channel_id": STUDIO, "is_ephemeral": True}
    payload = interaction(
        human._acts.person, "block_actions", container=container, channel={"id": STUDIO, "name": "studio"},
        trigger_id="1.2.x", response_url="x", actions=[action | more],
    )  # fmt: skip
    return Captured("interactive", payload)


def submitted(human: Human, view: View, *, kind: str = "view_submission") -> Captured:
    """A form as it is filled in now."""
    payload = interaction(
        human._acts.person, kind, view=view_json(view), response_urls=[], trigger_id="1.2.x"
    )
    return Captured("interactive", deepcopy(payload))


def _shown(human: Human, where: Message | View) -> Iterator[Captured]:
    """What pressing each thing in sight would send."""
    for each in placed(where.blocks):
        there = human._acts._where(where)
        if each.element["type"] == "external_select":
            there |= {
                "action_id": each.element["action_id"],
                "block_id": each.block["block_id"],
                "value": "a",
            }
            yield Captured("interactive", interaction(human._acts.person, "block_suggestion", **there))
        payload = interaction(human._acts.person, "block_actions", **there, actions=[_action(each)])
        yield Captured("interactive", deepcopy(payload))


def _action(each: Placed) -> Json:
    element = each.element
    options = element.get("options") or [
        option for group in element.get("option_groups", ()) for option in group["options"]
    ]
    chosen: Json = {"selected_option": options[0]} if options else {}
    if element["type"].endswith("users_select"):
        chosen = {"selected_user": "U0BEN", "selected_users": ["U0BEN"]}
    if element["type"] == "external_select" and not options:
        chosen = {"selected_option": {"value": "person:503"}}
    if element["type"] == "datepicker":
        chosen = {"selected_date": "2030-01-01"}
    said: Json = {key: element[key] for key in ("text", "value", "style") if key in element}
    ids = {"block_id": each.block["block_id"], "action_id": element["action_id"], "action_ts": "1.2"}
    return {**ids, "type": element["type"], **said, **chosen}


def _kind(payload: Json) -> Literal["slash_commands", "interactive", "events_api"]:
    if "command" in payload:
        return "slash_commands"
    return "events_api" if payload.get("type") == "event_callback" else "interactive"
