"""A person using Slack's client: types, presses buttons, fills in forms, and sees what is visible."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from bot.sandbox.slack import composer, forms, inputs, modals, payloads
from bot.sandbox.slack.acts import Acts, Sent
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.eyes import WAIT, Eyes
from bot.sandbox.slack.messages import announce
from bot.sandbox.slack.respond import show
from bot.sandbox.slack.workspace import Blocks, Channel, Json, Message, View
from bot.sandbox.slack.world import World

__all__ = ["Human"]


class Human(Eyes):
    """One person; each action returns when Slack has finished handling it."""

    def __init__(self, user: str, *, world: World, delivery: Delivery) -> None:
        super().__init__(user, world=world)
        self._acts = Acts(world.people[user], world=world, delivery=delivery)

    # ---------------------------------------------------------------- composer
    def complete(self, typed: str) -> list[composer.Suggestion]:
        """The composer's completions of what has been typed so far."""
        return composer.complete(self._world, self.id, typed)

    async def types(self, channel: str, text: str) -> Sent:
        """Post a message, or use a command if the text begins with a slash.

        Raises:
            LookupError: the person is not in that channel, or nobody can write there.
        """
        self._acted = self._world.last_ts
        place = self.place(channel)
        if place.is_archived:
            raise LookupError(f"#{place.name} is archived: it has no composer")
        if text.startswith("/"):
            return await self._commands(place, text)
        return await self._says(place, text)

    async def _commands(self, place: Channel, text: str) -> Sent:
        name, _, rest = text.partition(" ")
        command = self._world.app.command(name)
        if command is None:
            self._world.tell(
                place.id,
                self.id,
                f'{name} is not a valid command. In Slack, all messages that start with the "/" character'
                " are interpreted as commands.",
            )
            return Sent(name="slash_command", payload={}, error="client")
        words = composer.written(self._world, rest.strip(), command=True, escape=command.should_escape)
        sent = await self._acts.command(place.id, command=name, text=words)
        error = sent.error
        if sent.answer and not error:
            try:
                show(self._world, sent.answer, user=self.id, channel=place.id)
            except SlackError as refused:
                error = f"invalid_command_response: {refused}"
        if error:
            code = error.partition(":")[0]
            self._world.tell(place.id, self.id, f'{name} failed with the error "{code}"')
        return Sent(name=sent.name, payload=sent.payload, error=error, answer=sent.answer)

    async def _says(self, place: Channel, text: str) -> Sent:
        if place.is_im and not self._world.app.messages_tab:
            self._world.tell(place.id, self.id, "Sending messages to this app has been turned off.")
            return Sent(name="message", payload={}, error="client")
        words = composer.written(self._world, text)
        message = self._world.post(place, user=self.id, text=words, client_msg_id=str(uuid4()))
        payload = payloads.message_json(message)
        errors = [(await task).error for task in announce(self._world, message)]
        error = next((each for each in errors if each), None)
        return Sent(name="message", payload=payload, error=error, message=message)

    # ---------------------------------------------------------------- blocks
    async def click(
        self,
        where: Message | View,
        action_id: str,
        *,
        value: str | None = None,
        block_id: str | None = None,
        selected: Any = None,
    ) -> Sent:
        """Press a button (of several, the one with ``value``), or pick ``selected`` in a menu.

        Raises:
            LookupError: it is not on the screen, or is a form field, for which there is :meth:`fill`.
        """
        self._must_see(where)
        each = inputs.find(where.blocks, action_id, block_id=block_id, value=value)
        if each.is_input and not each.block.get("dispatch_action"):
            raise LookupError(f"{action_id!r} is a form field: it is sent with the form")
        return await self._press(where, each, selected)

    async def _press(self, where: Message | View, each: inputs.Placed, selected: Any) -> Sent:
        self._acted = self._world.last_ts
        sent = await self._acts.press(where, each, selected=selected)
        if isinstance(where, View):
            where.alert = forms.TROUBLE if sent.error else None
        else:
            where.warning = "Apps need to respond within 3 seconds." if sent.error else None
        self._world.changed.fire()
        return sent

    def fill(self, view: View, field: str, value: Any) -> None:
        """Type or pick in a field, named by its block_id, label or action_id; nothing is sent.

        Raises:
            LookupError: no such field, or no such option.
        """
        self._must_see(view)
        each = forms.field(view, field)
        block_id, action_id = each.key
        offered = view.suggestions.get(each.key, [])
        view.values[block_id][action_id] = inputs.chosen(each.element, value, offered=offered)
        self._world.changed.fire()

    async def enter(self, view: View, field: str, value: Any = None) -> Sent:
        """Type into a ``dispatch_action`` field and press Enter.

        Raises:
            LookupError: no such field, or it is sent only with the form.
        """
        if value is not None:
            self.fill(view, field, value)
        self._must_see(view)
        each = forms.field(view, field)
        if not each.block.get("dispatch_action"):
            raise LookupError(f"{field!r} is sent only with the form")
        return await self._press(view, each, None)

    async def suggest(self, where: Message | View, action_id: str, typed: str) -> Blocks:
        """Type into an external menu and return its options, which can then be filled in or clicked."""
        self._must_see(where)
        each = inputs.find(where.blocks, action_id)
        if len(typed) < each.element.get("min_query_length", 3):
            return []
        sent = await self._acts.suggest(where, each, typed)
        options = forms.offered(sent.answer or {})
        where.suggestions[each.key] = options
        return options

    def _must_see(self, where: Message | View) -> None:
        if isinstance(where, View):
            seen = where in (self.modal, self.home)
        else:
            seen = where in self.messages(where.channel)
        if not seen:
            raise LookupError(f"{self.id} does not see this {type(where).__name__.lower()} any more")

    # ---------------------------------------------------------------- modals, Home, shortcuts
    async def submit(self, view: View | None = None) -> Sent:
        """Press the modal's submit button, and apply the app's answer.

        Raises:
            LookupError: there is no such modal in sight, or it has no submit button.
        """
        self._acted = self._world.last_ts
        view = self._sees_modal_now(view)
        if not view.submit:
            raise LookupError(f"{view.title!r} has no submit button")
        view.alert, view.errors = None, forms.complaints(view)
        self._world.changed.fire()
        if view.errors:
            return Sent(name="view_submission", payload={}, error="client")
        sent = await self._acts.submit(view)
        error = sent.error or forms.follow(self._world, view, sent.answer or {})
        if error:
            view.alert = forms.TROUBLE
            self._world.changed.fire()
        return Sent(name=sent.name, payload=sent.payload, error=error, answer=sent.answer)

    async def close(self, view: View | None = None, *, all: bool = False) -> Sent:  # noqa: A002 - the X
        """Press Cancel, or with ``all`` the X, which closes the whole stack.

        Raises:
            LookupError: there is no such modal in sight.
        """
        view = self._sees_modal_now(view)
        told = self._world.stacks[self.id][0] if all else view
        modals.close(self._world, view, whole_stack=all or bool(view.definition.get("clear_on_close")))
        if not told.definition.get("notify_on_close"):
            return Sent(name="view_closed", payload={})
        return await self._acts.closed(told, cleared=all)

    def _sees_modal_now(self, view: View | None) -> View:
        if self.modal is None or view not in (None, self.modal):
            raise LookupError(f"{self.id} has no such modal in sight")
        return self.modal

    async def open_home(self) -> View:
        """Open the bot's Home tab; if none has been published yet, wait for it.

        Raises:
            TimeoutError: the bot published nothing.
        """
        if not self._world.app.home_tab:
            raise LookupError("the app has no Home tab")
        await self._opens("home")
        return await self._world.changed.until(lambda: self.home, seconds=WAIT)

    async def open_messages(self) -> Sent:
        """Open the bot's Messages tab."""
        return await self._opens("messages")

    async def _opens(self, tab: str) -> Sent:
        event: Json = {"type": "app_home_opened", "user": self.id, "channel": self.dm, "tab": tab}
        if tab == "home" and self.home:
            event["view"] = payloads.view_json(self.home)
        if "app_home_opened" not in self._world.app.events:
            return Sent(name="app_home_opened", payload=event)
        return await self._acts.event({**event, "event_ts": self._world.ts()})

    async def shortcut(self, callback_id: str) -> Sent:
        """Use a global shortcut.

        Raises:
            LookupError: the app has none of that name.
        """
        self._acted = self._world.last_ts
        known = self._world.app.shortcuts
        if known is not None and callback_id not in known:
            raise LookupError(f"no shortcut is called {callback_id!r}")
        return await self._acts.shortcut(callback_id)
