"""The listeners: from each payload to an :class:`Ask`, and to the work to start for it.

Every listener takes three steps: build the ask; record it if its route can write; return the work, which
the dispatcher starts once the acknowledgement has left. Only a form or a list says something in it.
Payloads that cannot be read raise; the dispatcher acknowledges those, too.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from handlers.asked import Problem, Verb
from handlers.desk import Ask, Desk, Handler
from handlers.effects import Effect, said_in
from handlers.grammar import parse
from handlers.local import read_by, reading, to_english
from handlers.payloads import place_of, value_of, with_person
from handlers.replies import EXPECTED
from handlers.routes import Button, Choices, Command, Event, Form, Route, Shortcut
from handlers.starts import Start, nothing, start_of, starting
from handlers.views import alerts
from handlers.views.modals import FieldError, loading
from store.act import Place
from store.ids import new_id

__all__ = ["Entrances"]

log = logging.getLogger(__name__)

FINDS_WITHIN = 2.5
"""Seconds to find the options of a list; Slack waits three for them."""

OWN_WORDS = {None, "file_share", "me_message", "thread_broadcast"}
"""Subtypes of messages that a person wrote; all others report edits, deletions, pins and the like.

https://docs.slack.dev/reference/events/message#subtypes
"""


class Entrances:
    """The listeners as bound methods, which look up their handler in one table of routes."""

    def __init__(self, desk: Desk, routes: Sequence[Route]) -> None:
        self._desk = desk
        self._commands = {route.verb: route for route in routes if isinstance(route, Command)}
        self._buttons = {route.name: route for route in routes if isinstance(route, Button)}
        self._forms = {route.callback_id: route for route in routes if isinstance(route, Form)}
        self._choices = {route.action_id: route for route in routes if isinstance(route, Choices)}
        self._events = {route.type: route for route in routes if isinstance(route, Event)}
        self._shortcuts = {route.callback_id: route for route in routes if isinstance(route, Shortcut)}

    # -------------------------------------------------------------- typed

    async def command(self, _: AsyncAck, body: Mapping[str, Any]) -> Start:
        """The slash command, ``/hours …``."""
        user, channel, text = str(body["user_id"]), str(body["channel_id"]), str(body.get("text") or "")
        reading(self._desk.people.local(user))
        make = partial(
            self._ask, body, user, Place("channel", channel), text=text,
            trigger_id=str(body.get("trigger_id") or ""), response_url=str(body.get("response_url") or ""),
        )  # fmt: skip
        return await self._typed(text, make)

    async def message(self, _: AsyncAck, body: Mapping[str, Any]) -> Start:
        """A direct message to the bot, parsed exactly like ``/hours …``."""
        event = body["event"]
        if event.get("channel_type") != "im" or event.get("subtype") not in OWN_WORDS or event.get("bot_id"):
            return nothing
        user, channel = str(event["user"]), str(event["channel"])
        self._desk.people.learn_dm(user, channel)
        text = self._without_command(str(event.get("text") or ""))
        ask = self._ask(body, user, Place("dm", channel), text=text, event_id=str(body.get("event_id") or ""))
        return await self._typed(text, partial(replace, ask))

    async def event(self, _: AsyncAck, body: Mapping[str, Any]) -> Start:
        """Any other event; Slack's retries of an event are deduplicated where that matters."""
        event = body["event"]
        route = self._events.get(str(event["type"]))
        user = event.get("user")
        user_id = str(user["id"] if isinstance(user, Mapping) else user)
        if route is None or user is None:
            return nothing
        ask = self._ask(
            body, user_id, Place("home"), text=str(event.get("text") or ""), view=event,
            event_id=str(body.get("event_id") or ""), quiet=route.quiet,
        )  # fmt: skip
        return starting(ask, route.handler, once=route.once)

    async def _typed(self, text: str, make: Callable[..., Ask]) -> Start:
        """Parse the typed line and return the work to start.

        ``make`` makes the ask, once: each copy of one would hold up the acknowledgement.
        """
        try:
            asked = parse(to_english(read_by())(text))
        except Problem as problem:
            return await start_of(make(), _saying(problem), Effect.NONE)
        route = self._commands.get(asked.verb) or self._commands[Verb.HELP]
        # A pressed suggestion's value is the command's text; handlers would mistake it for a subject.
        ask = make(asked=asked, said={"text": text}, value="")
        return await start_of(ask, route.handler, route.effect_of(asked))

    # -------------------------------------------------------------- pressed

    async def press(self, _: AsyncAck, body: Mapping[str, Any]) -> Start:
        """A pressed button, an option chosen from a list, or Enter in a field."""
        pressed = body["actions"][0]
        name = str(pressed["action_id"]).split(":")[0]
        ask = replace(self._pressed(body), action=name, value=value_of(pressed))
        if name == "run":
            return await self._typed(ask.value, partial(replace, ask, text=ask.value))
        if name == "person_picked":
            rest = str(pressed.get("block_id", "")).removeprefix("rest:")
            text = with_person(rest, ask.value)
            return await self._typed(text, partial(replace, ask, text=text))
        if name == "do_it_now":
            return starting(ask, self._do_it_now)
        route = self._buttons.get(name)
        if route is None:
            return nothing
        ask = replace(ask, said={"press": name, "value": ask.value})
        return await start_of(ask, route.handler, route.effect)

    async def _do_it_now(self, ask: Ask) -> None:
        """*Do it now*: repeat a request that a restart interrupted, once, and only for its own asker."""
        journal, now = ask.store.journal, ask.desk.clock.now()
        act = await journal.act(ask.value)
        if act and act.actor != ask.user_id:
            return
        act_id = new_id()
        if act is None or not await journal.take_up(act, again=act_id, place=ask.place, now=now):
            await ask.answer(alerts.not_again(await journal.act(ask.value)))
            return
        said = said_in(act.request)
        again = replace(ask, act_id=act_id, said=said, typed_in=act.place.channel, again=True)
        match said:  # some forms are recorded as the equivalent line or button
            case {"text": str(text)}:
                start = await self._typed(text, partial(replace, again, text=text))
            case {"press": str(name), "value": str(value)} if button := self._buttons.get(name):
                pressed = replace(again, value=value, action=name)
                start = await start_of(pressed, button.handler, button.effect)
            case {"form": str(name)} if form := self._forms.get(name):
                start = await start_of(again, form.handler, form.effect)
            case _:  # recorded by an older version, or its content was erased
                await journal.drop(act_id)
                await ask.answer(alerts.not_again(None))
                return
        start()

    # -------------------------------------------------------------- modals

    async def submit(self, ack: AsyncAck, body: Mapping[str, Any]) -> Start:
        """A submitted modal: field errors, or a loading view, go back with the acknowledgement."""
        reading(self._desk.people.local(str(body["user"]["id"])))
        view = body["view"]
        form = self._forms.get(str(view["callback_id"]))
        if form is None:
            return nothing
        try:
            said = {"form": form.callback_id, **form.said(view)}
        except FieldError as wrong:
            await ack(response_action="errors", errors=wrong.errors)
            return nothing
        except (ValueError, KeyError):
            log.warning("a view submitted by %s cannot be read", body["user"]["id"])
            await ack(response_action="clear")
            return nothing
        external_id = f"saving-{secrets.token_hex(8)}"
        ask = replace(
            self._pressed(body), place=Place("modal"), said=said, view={**view, "external_id": external_id}
        )
        start = await start_of(ask, form.handler, form.effect)
        meanwhile = loading(view["title"]["text"], form.meanwhile, external_id=external_id)
        await ack(response_action="update", view=meanwhile.to_dict())
        return start

    async def closed(self, _: AsyncAck, __: Mapping[str, Any]) -> Start:
        """A closed modal: only acknowledged, since results that it misses are sent as direct messages."""
        return nothing

    async def shortcut(self, _: AsyncAck, body: Mapping[str, Any]) -> Start:
        """A shortcut from Slack's own menus."""
        route = self._shortcuts.get(str(body["callback_id"]))
        ask = replace(self._pressed(body), asked=parse("edit"))
        return starting(ask, route.handler) if route else nothing

    async def options(self, ack: AsyncAck, body: Mapping[str, Any]) -> Start:
        """The options of a searchable list for the text typed so far.

        None if they cannot be found: an answer would replace the form, and what was typed in it.
        """
        route = self._choices.get(str(body["action_id"]))
        ask = replace(self._pressed(body), text=str(body.get("value") or ""))
        found: Sequence[tuple[str, str]] = ()
        if route:
            try:
                found = await asyncio.wait_for(route.find(ask), FINDS_WITHIN)
            except EXPECTED as error:
                log.warning("no options of %s for %s: %s", route.action_id, ask.user_id, type(error).__name__)
        await ack(
            options=[
                {"value": value, "text": {"type": "plain_text", "text": name[:75] or "–"}}
                for value, name in found[:100]
            ]
        )
        return nothing

    # -------------------------------------------------------------- inside

    def _ask(self, body: Mapping[str, Any], user_id: str, place: Place, **more: Any) -> Ask:
        reading(self._desk.people.local(user_id))
        return Ask(
            desk=self._desk, user_id=user_id, team_id=self._desk.store.team_id, place=place, act_id=new_id(),
            actor_team=str(body.get("user_team") or body.get("team_id") or ""), **more,
        )  # fmt: skip

    def _pressed(self, body: Mapping[str, Any]) -> Ask:
        """The ask for an interaction payload (a press, a view, a shortcut or an options request)."""
        user, container = body["user"], body.get("container") or {}
        return self._ask(
            {"team_id": user.get("team_id") or ""}, str(user["id"]), place_of(body),
            view=body.get("view") or {},
            trigger_id=str(body.get("trigger_id") or ""), response_url=str(body.get("response_url") or ""),
            replaces=bool(container.get("is_ephemeral")),
            message_ts="" if container.get("is_ephemeral") else str(container.get("message_ts") or ""),
        )  # fmt: skip

    def _without_command(self, text: str) -> str:
        """The text without the command's name, which is optional in messages to the bot."""
        return text.removeprefix(self._desk.command).strip()


def _saying(problem: Problem) -> Handler:
    async def say(_: Ask) -> None:
        raise problem

    return say
