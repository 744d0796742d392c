"""What one person sees in Slack's client: places, messages, the modal in front, the Home tab."""

from __future__ import annotations

from bot.sandbox.slack.workspace import Channel, Message, View
from bot.sandbox.slack.world import World

__all__ = ["WAIT", "Eyes"]

WAIT = 60.0
"""Real seconds to wait for something to appear: many, for a busy machine; the wait ends when it appears."""


class Eyes:
    """One person's screen, with methods that wait for what is not there yet."""

    def __init__(self, user: str, *, world: World) -> None:
        self.id = user
        self._world = world
        self._acted = 0.0
        """``ts`` of the latest message when this person last did something that may be answered."""

    @property
    def dm(self) -> str:
        """The id of the direct message channel with the bot."""
        return self._world.dm(self.id).id

    def channels(self) -> list[Channel]:
        """The places this person can open, the bot's direct messages last."""
        return [each for each in self._world.channels.values() if self.id in each.members]

    def place(self, channel: str) -> Channel:
        """A channel this person can open.

        Raises:
            LookupError: the person is not in it.
        """
        place = self._world.channels.get(channel)
        if place is None or self.id not in place.members:
            raise LookupError(f"{self.id} is not in {channel}")
        return place

    def messages(self, channel: str) -> list[Message]:
        """The messages that this person sees in a channel, ephemeral ones too, oldest first."""
        return [
            each
            for each in self.place(channel).messages
            if not each.deleted and each.ephemeral_to in {None, self.id}
        ]

    @property
    def modal(self) -> View | None:
        """The modal in sight, which is the top of the stack."""
        stack = self._world.stacks.get(self.id)
        return stack[-1] if stack else None

    @property
    def errors(self) -> dict[str, str]:
        """The errors at the fields of the modal in sight, by block_id."""
        return dict(self.modal.errors) if self.modal else {}

    @property
    def home(self) -> View | None:
        """The Home tab the bot has published."""
        return self._world.homes.get(self.id)

    async def sees(
        self,
        text: str,
        *,
        channel: str | None = None,
        after: int | None = None,
        timeout: float = WAIT,  # noqa: ASYNC109 - the promise is "within this time"
    ) -> Message:
        """Wait until a visible message contains ``text``, and return the newest that does.

        Messages that were already there, unchanged, when this person last typed, pressed or submitted
        something are ignored: they cannot answer it. With ``after``, exactly that many oldest messages in
        the channel (or in each channel) are ignored instead; ``after=0`` accepts any message.

        Raises:
            TimeoutError: none came in time; the error says what was seen instead.
        """

        def seen() -> list[Message]:
            places = [channel] if channel else [each.id for each in self.channels()]
            return [each for place in places for each in self.messages(place)[after or 0 :]]

        def look() -> Message | None:
            found = [each for each in seen() if after is not None or each.latest > self._acted]
            found = [each for each in found if text in each.plain]
            return max(found, key=lambda each: float(each.ts), default=None)

        try:
            return await self._world.changed.until(look, seconds=timeout)
        except TimeoutError:
            others = "\n---\n".join(each.plain for each in seen())
            raise TimeoutError(f"{self.id} did not see {text!r}, but:\n{others}") from None

    async def sees_modal(
        self,
        text: str,
        timeout: float = WAIT,  # noqa: ASYNC109 - the promise is "within this time"
    ) -> View:
        """Wait until the modal in sight contains ``text``.

        Raises:
            TimeoutError: it did not in time; the error says what was seen instead.
        """
        return await self._sees_view(text, timeout, home=False)

    async def sees_home(
        self,
        text: str,
        timeout: float = WAIT,  # noqa: ASYNC109 - the promise is "within this time"
    ) -> View:
        """Wait until the Home tab contains ``text``.

        Raises:
            TimeoutError: it did not in time; the error says what was seen instead.
        """
        return await self._sees_view(text, timeout, home=True)

    async def _sees_view(self, text: str, seconds: float, *, home: bool) -> View:
        def look() -> View | None:
            view = self.home if home else self.modal
            return view if view and text in view.plain else None

        try:
            return await self._world.changed.until(look, seconds=seconds)
        except TimeoutError:
            view = self.home if home else self.modal
            other = view.plain if view else "nothing"
            raise TimeoutError(f"{self.id} did not see {text!r}, but:\n{other}") from None
