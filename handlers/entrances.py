"""The entrances: whatever Slack sends becomes an :class:`Ask`, is acknowledged, and is worked on.

Every listener here is the same four moves: make the ask; record it if it can write; acknowledge; start
the route's handler in its lane. None of them raises: Bolt would lose the acknowledgement.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from handlers.asked import Problem, Verb
from handlers.attempts import attempt, in_lane
from handlers.desk import Ask, Desk, Handler
from handlers.grammar import parse
from handlers.local import read_by, reading, to_english
from handlers.replies import SLACK_TROUBLE
from handlers.routes import Button, Choices, Command, Event, Form, Route, Shortcut
from handlers.views.modals import FieldError, loading
from handlers.work import Lane
from store.act import Kind, Place
from store.database import DatabaseUnusableError
from store.journal.entries import new_id

__all__ = ["Entrances"]

log = logging.getLogger(__name__)

Start = Callable[[], None]
"""Begins the work of a request that is acknowledged."""

KEEPS = "keeps"
"""Marks the record of what changes no week, but what the bot keeps: nothing tells whether it was done."""

RECORD_WITHIN = 0.3
"""Seconds that a durable record may hold up an acknowledgement."""


class Entrances:
    """Bolt's listeners, as bound methods, over one table of routes."""

    def __init__(self, desk: Desk, routes: Sequence[Route]) -> None:
        self._desk = desk
        self._commands = {route.verb: route for route in routes if isinstance(route, Command)}
        self._buttons = {route.name: route for route in routes if isinstance(route, Button)}
        self._forms = {route.callback_id: route for route in routes if isinstance(route, Form)}
        self._choices = {route.action_id: route for route in routes if isinstance(route, Choices)}
        self._events = {route.type: route for route in routes if isinstance(route, Event)}
        self._shortcuts = {route.callback_id: route for route in routes if isinstance(route, Shortcut)}

    # -------------------------------------------------------------- typed

    async def command(self, ack: AsyncAck, body: Mapping[str, Any]) -> None:
        """``/hours …``."""
        user, channel = str(body["user_id"]), str(body["channel_id"])
        ask = self._ask(
            body, user, Place("channel", channel), text=str(body.get("text") or ""),
            trigger_id=str(body.get("trigger_id") or ""), response_url=str(body.get("response_url") or ""),
        )  # fmt: skip
        start = await self._typed(ask)
        await ack()
        start()

    async def message(self, body: Mapping[str, Any]) -> None:
        """A message to the bot, read exactly like ``/hours …``."""
        event = body["event"]
        if event.get("channel_type") != "im" or event.get("subtype") or event.get("bot_id"):
            return
        user, channel = str(event["user"]), str(event["channel"])
        self._desk.people.learn_dm(user, channel)
        text = self._without_command(str(event.get("text") or ""))
        ask = self._ask(body, user, Place("dm", channel), text=text, event_id=str(body.get("event_id") or ""))
        (await self._typed(ask))()

    async def event(self, body: Mapping[str, Any]) -> None:
        """Anything else that happened; the same event acts once however often Slack sends it."""
        event = body["event"]
        route = self._events.get(str(event["type"]))
        user = event.get("user")
        user_id = str(user["id"] if isinstance(user, Mapping) else user)
        if route is None or user is None:
            return
        ask = self._ask(
            body, user_id, Place("home"), text=str(event.get("text") or ""), view=event,
            event_id=str(body.get("event_id") or ""),
        )  # fmt: skip
        in_lane(Lane.QUICK, ask, self._once(route.handler))

    async def _typed(self, ask: Ask) -> Start:
        """What to start for a typed line, once it is acknowledged."""
        try:
            asked = parse(to_english(read_by())(ask.text))
        except Problem as problem:
            return self._starter(ask, Lane.QUICK, self._once(_saying(problem)))
        route = self._commands.get(asked.verb) or self._commands[Verb.HELP]
        # A pressed suggestion's value was the text; features would take it for a subject.
        ask = replace(ask, asked=asked, said={"text": ask.text}, value="")
        if route.writes:
            return await self._recorded(ask, route.handler)
        return await self._kept(ask, route.handler, keeps=route.keeps(asked))

    # -------------------------------------------------------------- pressed

    async def press(self, ack: AsyncAck, body: Mapping[str, Any]) -> None:
        """A button, a choice from a list, or Enter in a field."""
        pressed = body["actions"][0]
        name, _, _ = str(pressed["action_id"]).partition(":")
        ask = replace(self._pressed(body), action=name, value=_value_of(pressed))
        start = await self._start_press(ask, name, pressed)
        await ack()
        start()

    async def _start_press(self, ask: Ask, name: str, pressed: Mapping[str, Any]) -> Start:
        if name == "run":
            return await self._typed(replace(ask, text=ask.value))
        if name == "person_picked":
            rest = str(pressed.get("block_id", "")).removeprefix("rest:")
            return await self._typed(replace(ask, text=_with_person(rest, ask.value)))
        if name == "do_it_now":
            return self._starter(ask, Lane.QUICK, self._do_it_now)
        route = self._buttons.get(name)
        if route is None:
            return _nothing
        return await self._route(replace(ask, said={"press": name, "value": ask.value}), route)

    async def _do_it_now(self, ask: Ask) -> None:
        """What a restart came between, by the person who had asked for it."""
        act = await ask.store.journal.act(ask.value)
        if act is None or act.actor != ask.user_id:
            return
        said = {name: value for name, value in act.request.items() if name != KEEPS}
        again = replace(ask, act_id=new_id(), said=said, typed_in=act.place.channel)
        match dict(said):
            case {"text": str(text)}:
                (await self._typed(replace(again, text=text)))()
            case {"press": str(name), "value": str(value)} if name in self._buttons:
                (await self._route(replace(again, value=value, action=name), self._buttons[name]))()
            case {"edit": _}:
                (await self._route(again, self._buttons["save_again"]))()
            case {"bulk": _}:
                (await self._route(again, self._buttons["bulk_again"]))()
            case {"plan": _}:
                (await self._route(again, self._buttons["plan_again"]))()

    # -------------------------------------------------------------- modals

    async def submit(self, ack: AsyncAck, body: Mapping[str, Any]) -> None:
        """A submitted modal: errors go back with the acknowledgement, work begins after it."""
        reading(self._desk.people.local(str(body["user"]["id"])))
        view = body["view"]
        form = self._forms.get(str(view["callback_id"]))
        if form is None:
            await ack()
            return
        try:
            said = form.said(view)
        except FieldError as wrong:
            await ack(response_action="errors", errors=wrong.errors)
            return
        except (ValueError, KeyError):
            log.warning("a view of %s was not ours", body["user"]["id"])
            await ack(response_action="clear")
            return
        external_id = f"saving-{secrets.token_hex(8)}"
        ask = replace(
            self._pressed(body), place=Place("modal"), said=said, view={**view, "external_id": external_id}
        )
        start = await self._recorded(ask, form.handler, lane=Lane.QUICK if form.keeps else Lane.FOCUS)
        meanwhile = loading(view["title"]["text"], form.meanwhile, external_id=external_id)
        await ack(response_action="update", view=meanwhile.to_dict())
        start()

    async def closed(self, ack: AsyncAck) -> None:
        """A modal was closed: whatever it had to show is in the direct message."""
        await ack()

    async def shortcut(self, ack: AsyncAck, body: Mapping[str, Any]) -> None:
        """Slack's own menus."""
        route = self._shortcuts.get(str(body["callback_id"]))
        ask = replace(self._pressed(body), asked=parse("edit"))
        await ack()
        if route:
            in_lane(Lane.QUICK, ask, route.handler)

    async def options(self, ack: AsyncAck, body: Mapping[str, Any]) -> None:
        """What a searchable list offers for the letters typed so far."""
        route = self._choices.get(str(body["action_id"]))
        ask = replace(self._pressed(body), text=str(body.get("value") or ""))
        found: list[tuple[str, str]] = []
        if route:

            async def find(ask: Ask) -> None:
                found.extend(await route.find(ask))

            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(attempt(ask, find), 2.5)
        await ack(
            options=[
                {"value": value, "text": {"type": "plain_text", "text": name[:75] or "–"}}
                for value, name in found[:100]
            ]
        )

    # -------------------------------------------------------------- inside

    def _ask(self, body: Mapping[str, Any], user_id: str, place: Place, **more: Any) -> Ask:
        reading(self._desk.people.local(user_id))
        return Ask(
            desk=self._desk, user_id=user_id, team_id=self._desk.store.team_id, place=place, act_id=new_id(),
            actor_team=str(body.get("user_team") or body.get("team_id") or ""), **more,
        )  # fmt: skip

    def _pressed(self, body: Mapping[str, Any]) -> Ask:
        """The ask behind an interaction: where it happened decides how it is answered."""
        user, view = body["user"], body.get("view") or {}
        channel = str((body.get("channel") or {}).get("id") or "")
        container = body.get("container") or {}
        if view.get("type") == "modal":
            place = Place("modal")
        elif view.get("type") == "home" or not channel:
            place = Place("home")
        else:
            is_dm = not container.get("is_ephemeral") and channel.startswith("D")
            place = Place("dm" if is_dm else "channel", channel)
        return self._ask(
            {"team_id": user.get("team_id") or ""}, str(user["id"]), place, view=view,
            trigger_id=str(body.get("trigger_id") or ""), response_url=str(body.get("response_url") or ""),
            replaces=bool(container.get("is_ephemeral")),
            message_ts="" if container.get("is_ephemeral") else str(container.get("message_ts") or ""),
        )  # fmt: skip

    async def _route(self, ask: Ask, route: Button) -> Start:
        """What to start for a press."""
        if route.writes:
            return await self._recorded(ask, route.handler)
        return await self._kept(ask, route.handler, keeps=route.keeps)

    async def _kept(self, ask: Ask, handler: Handler, *, keeps: bool) -> Start:
        """What to start for what writes no week; what changes anything at all is recorded, too."""
        if keeps:
            return await self._recorded(ask, handler, lane=Lane.QUICK)
        return self._starter(ask, Lane.QUICK, self._once(handler))

    async def _recorded(self, ask: Ask, handler: Handler, *, lane: Lane = Lane.FOCUS) -> Start:
        """What to start for what can write; it is on disk first, or 300 ms have passed."""
        request = dict(ask.said) if lane is Lane.FOCUS else {**ask.said, KEEPS: True}
        record = asyncio.create_task(
            ask.store.journal.receive(
                ask.act_id,
                actor=ask.user_id,
                kind=Kind.SET,
                request=request,
                place=ask.place,
                now=self._desk.clock.now(),
                event_id=ask.event_id,
            )
        )
        try:
            if not await asyncio.wait_for(asyncio.shield(record), RECORD_WITHIN):
                return _nothing
        except TimeoutError:
            log.warning("act %s is acknowledged before it is on disk", ask.act_id)
            record.add_done_callback(_look_at_error)
        except DatabaseUnusableError as error:
            log.warning("act %s is not on disk: %s", ask.act_id, error)

        @functools.wraps(handler)
        async def work(ask: Ask) -> None:
            if await attempt(ask, _in_its_place(handler)):
                await ask.store.journal.drop(ask.act_id)
            else:
                await ask.store.hours.tell_unanswered(ask.act_id)

        return self._starter(ask, lane, work)

    @staticmethod
    def _starter(ask: Ask, lane: Lane, handler: Handler) -> Start:
        return lambda: in_lane(lane, ask, handler)

    @staticmethod
    def _once(handler: Handler) -> Handler:
        """The handler, unless it is for an event that was acted on before."""

        @functools.wraps(handler)
        async def once(ask: Ask) -> None:
            now = ask.desk.clock.now()
            if ask.event_id and await ask.store.journal.seen_event(ask.event_id, now):
                return
            await handler(ask)

        return once

    def _without_command(self, text: str) -> str:
        """In a message to the bot the command's name may be left out, or not."""
        return text.removeprefix(self._desk.command).strip()


def _value_of(pressed: Mapping[str, Any]) -> str:
    """The value of a button, a select, a people picker or a date picker."""
    chosen = pressed.get("selected_option") or {}
    picked = pressed.get("selected_user") or pressed.get("selected_date")
    return str(pressed.get("value") or chosen.get("value") or picked or "")


def _with_person(text: str, user_id: str) -> str:
    """The typed line with a picked person where it named nobody in particular."""
    unnamed = r"<!(?:subteam\^[^>]*|here|channel|everyone)[^>]*>|<#[^>]*>|(?<![<\w])@[\w.\-]+"
    return re.sub(unnamed, f"<@{user_id}>", text, count=1)


def _in_its_place(handler: Handler) -> Handler:
    """The handler, told when a command was typed in the conversation with the bot: its receipt answers.

    Slack names only the conversation, and asking whose it is must not hold up the acknowledgement.
    """

    @functools.wraps(handler)
    async def placed(ask: Ask) -> None:
        typed_in = ask.place
        if typed_in.kind == "channel" and typed_in.channel.startswith("D") and not ask.replaces:
            with contextlib.suppress(*SLACK_TROUBLE):
                if await ask.desk.people.dm(ask.user_id) == typed_in.channel:
                    ask = replace(ask, place=Place("dm", typed_in.channel))
        await handler(ask)

    return placed


def _saying(problem: Problem) -> Handler:
    async def say(_: Ask) -> None:
        raise problem

    return say


def _nothing() -> None:
    """A button of somebody else's, or of a version before: acknowledged, nothing to do."""


def _look_at_error(task: asyncio.Task[bool]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.warning("a request was not recorded: %s", error)
