"""The listeners: from each payload to an :class:`Ask`, and to the work to start for it.

Every listener takes three steps: build the ask; record it if its route can write; return the work, which
the dispatcher starts once the acknowledgement has left. Payloads that cannot be read raise; the dispatcher
acknowledges those, too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from handlers.asked import Problem, Verb
from handlers.desk import Ask, Desk, Handler
from handlers.effects import Effect, said_in
from handlers.grammar import parse
from handlers.local import read_by, reading, to_english
from handlers.payloads import place_of, value_of, with_person
from handlers.replies import EXPECTED
from handlers.routes import Button, Choices, Command, Event, Form, Route, Shortcut
from handlers.starts import NOTHING, Prepared, prepare, unrecorded
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

    async def command(self, body: Mapping[str, Any]) -> Prepared:
        """The slash command, ``/hours …``."""
        place = Place("channel", str(body["channel_id"]))
        ask = self._ask(
            body, str(body["user_id"]), place, text=str(body.get("text") or ""),
            trigger_id=str(body.get("trigger_id") or ""), response_url=str(body.get("response_url") or ""),
        )  # fmt: skip
        return await self._typed(ask)

    async def message(self, body: Mapping[str, Any]) -> Prepared:
        """A direct message to the bot, parsed exactly like ``/hours …``."""
        event = body["event"]
        if event.get("channel_type") != "im" or event.get("subtype") not in OWN_WORDS or event.get("bot_id"):
            return NOTHING
        user, channel = str(event["user"]), str(event["channel"])
        self._desk.people.learn_dm(user, channel)
        text = self._unaddressed(str(event.get("text") or ""), body)
        ask = self._ask(body, user, Place("dm", channel), text=text, event_id=str(body.get("event_id") or ""))
        return await self._typed(ask)

    async def event(self, body: Mapping[str, Any]) -> Prepared:
        """Any other event; Slack's retries of an event are deduplicated where that matters."""
        event = body["event"]
        route, user = self._events[event["type"]], event.get("user")
        if user is None:
            return NOTHING
        user_id = str(user["id"] if isinstance(user, Mapping) else user)
        ask = self._ask(
            body, user_id, Place("home"), text=str(event.get("text") or ""), view=event,
            event_id=str(body.get("event_id") or ""), quiet=route.quiet,
        )  # fmt: skip
        return unrecorded(ask, route.handler, once=route.once)

    async def _typed(self, ask: Ask) -> Prepared:
        """Parse the line that was typed, or stood behind a button, and prepare what it asks for."""
        try:
            asked = parse(to_english(read_by())(ask.text))
        except Problem as problem:
            return await prepare(ask, _saying(problem), Effect.NONE)
        route = self._commands.get(asked.verb) or self._commands[Verb.HELP]
        # A pressed suggestion's value is the command's text; handlers would mistake it for a subject.
        ask = replace(ask, asked=asked, said={"text": ask.text}, value="")
        return await prepare(ask, route.handler, route.effect_of(asked))

    # -------------------------------------------------------------- pressed

    async def press(self, body: Mapping[str, Any]) -> Prepared:
        """A pressed button, an option chosen from a list, or Enter in a field."""
        pressed = body["actions"][0]
        name = str(pressed["action_id"]).split(":")[0]
        ask = self._pressed(body, action=name, value=value_of(pressed))
        if name == "run":
            return await self._typed(replace(ask, text=ask.value))
        if name == "person_picked":
            rest = str(pressed.get("block_id", "")).removeprefix("rest:")
            return await self._typed(replace(ask, text=with_person(rest, ask.value)))
        if name == "do_it_now":
            return unrecorded(ask, self._do_it_now)
        route = self._buttons.get(name)
        if route is None:
            return NOTHING
        ask = replace(ask, said={"press": name, "value": ask.value})
        return await prepare(ask, route.handler, route.effect)

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
                repeated = await self._typed(replace(again, text=text))
            case {"press": str(name), "value": str(value)} if button := self._buttons.get(name):
                pressed = replace(again, value=value, action=name)
                repeated = await prepare(pressed, button.handler, button.effect)
            case {"form": str(name)} if form := self._forms.get(name):
                repeated = await prepare(again, form.handler, form.effect)
            case _:  # recorded by an older version, or its content was erased
                await journal.drop(act_id)
                await ask.answer(alerts.not_again(None))
                return
        repeated.start()

    # -------------------------------------------------------------- modals

    async def submit(self, body: Mapping[str, Any]) -> Prepared:
        """A submitted modal: field errors, or a loading view, go back with the acknowledgement."""
        ask, view = self._pressed(body), body["view"]
        form = self._forms.get(str(view["callback_id"]))
        if form is None:
            return NOTHING
        try:
            said = {"form": form.callback_id, **form.said(view)}
        except FieldError as wrong:
            return Prepared(says={"response_action": "errors", "errors": wrong.errors})
        except (ValueError, KeyError):
            log.warning("a view submitted by %s cannot be read", ask.user_id)
            return Prepared(says={"response_action": "clear"})
        external_id = f"saving-{ask.act_id}"
        ask = replace(ask, place=Place("modal"), said=said, view={**view, "external_id": external_id})
        meanwhile = loading(view["title"]["text"], form.meanwhile, external_id=external_id)
        return replace(
            await prepare(ask, form.handler, form.effect),
            says={"response_action": "update", "view": meanwhile.to_dict()},
        )

    async def closed(self, _: Mapping[str, Any]) -> Prepared:
        """A closed modal: only acknowledged, since results that it misses are sent as direct messages."""
        return NOTHING

    async def shortcut(self, body: Mapping[str, Any]) -> Prepared:
        """A shortcut from Slack's own menus."""
        route = self._shortcuts.get(str(body["callback_id"]))
        ask = self._pressed(body, asked=parse("edit"))
        return unrecorded(ask, route.handler) if route else NOTHING

    async def options(self, body: Mapping[str, Any]) -> Prepared:
        """The options of a searchable list for the text typed so far.

        None if they cannot be found: an answer would replace the form, and what was typed in it.
        """
        route = self._choices.get(str(body["action_id"]))
        ask = self._pressed(body, text=str(body.get("value") or ""))
        found: Sequence[tuple[str, str]] = ()
        if route:
            try:
                found = await asyncio.wait_for(route.find(ask), FINDS_WITHIN)
            except EXPECTED as error:
                log.warning("no options of %s for %s: %s", route.action_id, ask.user_id, type(error).__name__)
        options = [
            {"value": value, "text": {"type": "plain_text", "text": name[:75] or "–"}}
            for value, name in found[:100]
        ]
        return Prepared(says={"options": options})

    # -------------------------------------------------------------- inside

    def _ask(self, body: Mapping[str, Any], user_id: str, place: Place, **more: Any) -> Ask:
        reading(self._desk.people.local(user_id))
        return Ask(
            desk=self._desk, user_id=user_id, team_id=self._desk.store.team_id, place=place, act_id=new_id(),
            actor_team=str(body.get("user_team") or body.get("team_id") or ""), **more,
        )  # fmt: skip

    def _pressed(self, body: Mapping[str, Any], **more: Any) -> Ask:
        """The ask for an interaction payload (a press, a view, a shortcut or an options request)."""
        user, container = body["user"], body.get("container") or {}
        return self._ask(
            {"team_id": user.get("team_id") or ""}, str(user["id"]), place_of(body),
            view=body.get("view") or {},
            trigger_id=str(body.get("trigger_id") or ""), response_url=str(body.get("response_url") or ""),
            replaces=bool(container.get("is_ephemeral")),
            message_ts="" if container.get("is_ephemeral") else str(container.get("message_ts") or ""),
            **more,
        )  # fmt: skip

    def _unaddressed(self, text: str, body: Mapping[str, Any]) -> str:
        """A message's text without the bot's name and the command's, which are optional before it."""
        for bot in body.get("authorizations") or ():
            text = text.strip().removeprefix(f"<@{bot['user_id']}>")
        return text.strip().removeprefix(self._desk.command).strip()


def _saying(problem: Problem) -> Handler:
    async def say(_: Ask) -> None:
        raise problem

    return say
