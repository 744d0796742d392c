"""A message that has to be sent is sent, by one process at a time, and what it shows stays true."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.sandbox.clock import Clock
from store import Store
from store.messages import Message, MessageKind
from store.outbox import GIVE_UP_AFTER, Outbox
from tests.conftest import OpenStore


@pytest.fixture
async def outbox(store: Store, clock: Clock) -> Outbox:
    """With one message in it."""
    await store.outbox.alert("key", recipients=("U0OLIVIA",), detail={"code": "key"}, now=clock.now())
    return store.outbox


async def only(outbox: Outbox, clock: Clock) -> Message:
    (message,) = await outbox.take(clock.now())
    return message


async def test_a_message_is_leased_to_one(outbox: Outbox, open_store: OpenStore, clock: Clock) -> None:
    other = (await open_store()).outbox
    taken = await asyncio.gather(outbox.take(clock.now()), other.take(clock.now()), outbox.take(clock.now()))
    (message,) = (message for messages in taken for message in messages)
    assert (message.kind, message.recipient, message.ts) == (MessageKind.ALERT, "U0OLIVIA", None)
    await outbox.sent(message, channel="D1", ts="1.0")
    clock.move(seconds=3600)
    assert await outbox.take(clock.now()) == ()


async def test_a_lost_lease_is_sent_again_under_the_same_id(
    outbox: Outbox, open_store: OpenStore, clock: Clock
) -> None:
    """Whoever took it died after posting or before: Slack recognizes the repeat."""
    lost = await only(outbox, clock)
    other = (await open_store()).outbox
    clock.move(seconds=29)
    assert await other.take(clock.now()) == ()
    clock.move(seconds=2)
    again = await only(other, clock)
    assert (again.client_msg_id, again.tries) == (lost.client_msg_id, lost.tries + 1)


async def test_news_do_not_make_a_try_forgotten_that_may_have_arrived(outbox: Outbox, clock: Clock) -> None:
    """Its sender died: only who knows of the try looks for the message before posting it."""
    assert not (await only(outbox, clock)).repeated
    await outbox.refresh("key", now=clock.now())
    clock.move(seconds=31)
    assert (await only(outbox, clock)).repeated


async def test_what_became_stale_while_it_was_sent_is_edited(outbox: Outbox, clock: Clock) -> None:
    message = await only(outbox, clock)
    await outbox.refresh("key", now=clock.now())
    assert await outbox.take(clock.now()) == (), "the one who sends it is not overtaken"
    await outbox.sent(message, channel="D1", ts="1.0")
    edit = await only(outbox, clock)
    assert (edit.id, edit.channel, edit.ts, edit.version) == (message.id, "D1", "1.0", message.version + 1)


async def test_a_late_answer_does_not_bring_back_what_was_shown_before(outbox: Outbox, clock: Clock) -> None:
    slow = await only(outbox, clock)
    await outbox.refresh("key", now=clock.now())
    clock.move(seconds=31)
    await outbox.sent(await only(outbox, clock), channel="D1", ts="1.0")
    await outbox.sent(slow, channel="D1", ts="1.0")
    assert await outbox.take(clock.now()) == ()


async def test_who_is_late_takes_it_from_nobody(outbox: Outbox, clock: Clock) -> None:
    """Whatever became of their try: it is leased to somebody else by now."""
    late = await only(outbox, clock)
    clock.move(seconds=31)
    holder = await only(outbox, clock)
    await outbox.failed(late, reason="TimeoutError", retry_at=clock.now())
    await outbox.postponed(late, reason="ratelimited", until=clock.now())
    assert await outbox.take(clock.now()) == ()
    await outbox.failed(late, reason="channel_not_found", retry_at=None)
    await outbox.refresh("key", now=clock.now())
    await outbox.sent(late, channel="D1", ts="1.0")
    assert await outbox.take(clock.now()) == ()
    await outbox.failed(holder, reason="TimeoutError", retry_at=clock.now())
    again = await only(outbox, clock)
    assert (again.ts, again.shown) == ("1.0", late.version)


async def test_a_failure_is_tried_again_when_it_is_due(outbox: Outbox, clock: Clock) -> None:
    message = await only(outbox, clock)
    await outbox.failed(message, reason="ratelimited", retry_at=clock.now() + timedelta(seconds=5))
    assert await outbox.take(clock.now()) == ()
    clock.move(seconds=5)
    assert (await only(outbox, clock)).tries == 2


async def test_what_no_repeat_mends_is_given_up(outbox: Outbox, clock: Clock) -> None:
    await outbox.failed(await only(outbox, clock), reason="channel_not_found", retry_at=None)
    clock.move(seconds=3600)
    assert await outbox.take(clock.now()) == ()


async def test_after_many_tries_it_is_given_up_until_there_is_news(outbox: Outbox, clock: Clock) -> None:
    for tries in range(1, GIVE_UP_AFTER + 1):
        message = await only(outbox, clock)
        assert message.tries == tries
        await outbox.failed(message, reason="TimeoutError", retry_at=clock.now())
    assert await outbox.take(clock.now()) == ()
    await outbox.refresh("key", now=clock.now())
    assert (await only(outbox, clock)).tries == 2, "that there was one stays known: it may have arrived"


async def test_the_same_thing_is_told_once(outbox: Outbox, clock: Clock) -> None:
    admins = ("U0OLIVIA", "U0OTHER")
    for _ in range(2):
        await outbox.alert("key", recipients=admins, detail={"code": "key"}, now=clock.now())
    due = await outbox.take(clock.now())
    assert sorted(message.recipient for message in due) == ["U0OLIVIA", "U0OTHER"]
    assert len({message.client_msg_id for message in due}) == 2
    assert outbox.stirred.is_set()


async def test_the_oldest_goes_first(store: Store, clock: Clock) -> None:
    for about in ("first", "second", "third"):
        await store.outbox.alert(about, recipients=("U1",), detail={}, now=clock.now())
        clock.move(seconds=1)
    assert [message.about for message in await store.outbox.take(clock.now())] == ["first", "second", "third"]
