"""Payloads of what a person does in Slack (commands, clicks, submissions, events), and their delivery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack import inputs, payloads
from bot.sandbox.slack.delivery import Delivery, Outcome, Parcel
from bot.sandbox.slack.inputs import Placed
from bot.sandbox.slack.workspace import Json, Message, Person, Values, View
from bot.sandbox.slack.world import World

__all__ = ["Acts", "Sent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The outcome of something that a person did."""

    name: str
    """``slash_command``, ``message``, ``block_actions``, ``view_submission`` …"""
    payload: Json
    error: str | None = None
    """Slack's code when the app did not acknowledge it; ``client``: it was never sent."""
    answer: Json | None = None
    """The payload of the acknowledgement."""
    message: Message | None = None
    """The message that the person posted."""

    @property
    def ok(self) -> bool:
        """Whether the app acknowledged it in time, with something Slack understands."""
        return self.error is None


class Acts:
    """Builds payloads of one person's actions and delivers them."""

    def __init__(self, person: Person, *, world: World, delivery: Delivery) -> None:
        self.person = person
        self._world = world
        self._delivery = delivery

    async def command(self, channel: str, *, command: str, text: str) -> Sent:
        """Use a slash command."""
        place = self._world.channels[channel]
        payload = payloads.slash_json(self._world, self.person, place, command=command, text=text)
        outcome = await self._delivery.send(
            Parcel(
                kind="slash_commands",
                payload=payload,
                name="slash_command",
                summary=f"{self.person.real_name}: {command} {text}".rstrip(),
                answerable=True,
            )
        )
        return self._sent("slash_command", payload, outcome)

    async def press(self, where: Message | View, each: Placed, *, selected: Any = None) -> Sent:
        """Press a button, or pick something in a menu."""
        action = self._action(where, each, selected)
        payload = payloads.interaction(self.person, "block_actions", **self._where(where), actions=[action])
        return await self._interactive(payload, f"pressed {each.element['action_id']}")

    async def suggest(self, where: Message | View, each: Placed, typed: str) -> Sent:
        """Type into a menu whose options the app provides."""
        block_id, action_id = each.key
        place = self._where(where, trigger=False)
        payload = payloads.interaction(
            self.person, "block_suggestion", **place, block_id=block_id, action_id=action_id, value=typed
        )
        return await self._interactive(payload, f"looks for {typed!r}", answerable=True)

    async def submit(self, view: View) -> Sent:
        """Submit a modal."""
        payload = payloads.interaction(
            self.person,
            "view_submission",
            trigger_id=self._world.issue_trigger(self.person.id, view),
            view=payloads.view_json(view),
            response_urls=list(self._response_urls(view)),
        )
        return await self._interactive(payload, f"submits {view.title!r}", answerable=True)

    async def closed(self, view: View, *, cleared: bool) -> Sent:
        """Tell the app that a modal was closed."""
        payload = payloads.interaction(
            self.person, "view_closed", view=payloads.view_json(view), is_cleared=cleared
        )
        return await self._interactive(payload, f"closes {view.title!r}")

    async def shortcut(self, callback_id: str) -> Sent:
        """Use a global shortcut."""
        payload = payloads.interaction(
            self.person,
            "shortcut",
            callback_id=callback_id,
            action_ts=self._world.ts(),
            trigger_id=self._world.issue_trigger(self.person.id),
        )
        return await self._interactive(payload, f"uses {callback_id}")

    async def event(self, event: Json) -> Sent:
        """Send the event of something that a person did."""
        task = self._world.emit(event)
        outcome = await task if task else Outcome()
        return self._sent(str(event["type"]), event, outcome)

    # ---------------------------------------------------------------- pieces
    async def _interactive(self, payload: Json, what: str, *, answerable: bool = False) -> Sent:
        if not self._world.app.interactive:
            return Sent(name=payload["type"], payload=payload, error="interactivity_not_enabled")
        outcome = await self._delivery.send(
            Parcel(
                kind="interactive",
                payload=payload,
                name=payload["type"],
                summary=f"{self.person.real_name} {what}",
                answerable=answerable,
            )
        )
        return self._sent(payload["type"], payload, outcome)

    def _sent(self, name: str, payload: Json, outcome: Outcome) -> Sent:
        return Sent(name=name, payload=payload, error=outcome.error, answer=outcome.answer)

    def _action(self, where: Message | View, each: Placed, selected: Any) -> Json:
        """An entry of ``actions``; what was picked is also put into the state."""
        block_id, action_id = each.key
        common = {"block_id": block_id, "action_id": action_id, "action_ts": self._world.ts()}
        element = each.element
        if element["type"] == "overflow":
            return {**common, "type": "overflow", "selected_option": inputs.option(element, selected)}
        if not each.stateful:
            shown: Json = {key: element[key] for key in ("text", "value", "style", "url") if key in element}
            return {**common, "type": element["type"], **shown}
        values = self.values(where)
        if selected is not None:
            offered = where.suggestions.get(each.key, [])
            values[block_id][action_id] = inputs.chosen(element, selected, offered=offered)
        return {**common, **values[block_id][action_id]}

    def values(self, where: Message | View) -> Values:
        """The state of a view, or of a message as this person has filled it in."""
        if isinstance(where, View):
            return where.values
        if self.person.id not in where.values:
            where.values[self.person.id] = inputs.initial_values(where.blocks)
        return where.values[self.person.id]

    def _where(self, where: Message | View, *, trigger: bool = True) -> Json:
        """The part of an interaction that tells where it happened."""
        if isinstance(where, View):
            modal = where if where.type == "modal" else None
            issued = {"trigger_id": self._world.issue_trigger(self.person.id, modal)} if trigger else {}
            container = {"type": "view", "view_id": where.id}
            return {"container": container, **issued, "view": payloads.view_json(where)}
        channel = self._world.channels[where.channel]
        said: Json = {
            "container": {
                "type": "message",
                "message_ts": where.ts,
                "channel_id": channel.id,
                "is_ephemeral": where.ephemeral_to is not None,
            },
            "channel": {"id": channel.id, "name": channel.public_name},
        }
        if where.ephemeral_to is None:  # for an ephemeral message Slack sends only the container
            said["message"] = payloads.message_json(where)
        if not trigger:
            return said
        return {
            **said,
            "state": {"values": self.values(where)},
            "trigger_id": self._world.issue_trigger(self.person.id),
            "response_url": self._world.issue_response_url(self.person.id, channel.id, where),
        }

    def _response_urls(self, view: View) -> list[Json]:
        """The ``response_urls`` of a modal's ``response_url_enabled`` menus."""
        urls = []
        for each in inputs.placed(view.blocks):
            if each.element.get("response_url_enabled"):
                block_id, action_id = each.key
                state = view.values[block_id][action_id]
                channel = state.get("selected_channel") or state.get("selected_conversation")
                if channel in self._world.channels:
                    url = self._world.issue_response_url(self.person.id, channel)
                    urls.append(
                        {
                            "block_id": block_id,
                            "action_id": action_id,
                            "channel_id": channel,
                            "response_url": url,
                        }
                    )
        return urls
