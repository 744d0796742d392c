"""The report on a deployment: what it counts, and that only admins get it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.focus import Focus
from store.access import Action
from tests.asking import ANA, BEN, TUE, Asker
from tests.conftest import OpenStore


async def test_it_counts_what_waits_and_what_was_read(
    open_store: OpenStore, focus: Focus, clock: Clock
) -> None:
    asker = Asker(await open_store(), clock)
    await asker.sets(BEN, {TUE: 3})
    focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA))
    waiting = await asker.sets(ANA, {TUE: 4})
    report = await asker.store.health.report(await asker.permit(Action.ADMINISTER), now=clock.now())
    assert (report.held.waiting, report.held.unclear, report.held.weeks) == (1, 0, 1)
    assert report.held.next_due == waiting.due_at
    assert report.checked == ("PUT",)
    assert report.proven
    assert report.held.to_send
    assert report.held.database_bytes > 4096
    assert report.quota.remaining == 0


async def test_a_message_that_slack_refuses_is_named(open_store: OpenStore, clock: Clock) -> None:
    asker = Asker(await open_store(), clock)
    await asker.sets(ANA, {TUE: 4})
    (message,) = await asker.store.outbox.take(clock.now())
    await asker.store.outbox.failed(message, reason="channel_not_found", retry_at=None)
    report = await asker.store.health.report(await asker.permit(Action.ADMINISTER), now=clock.now())
    (unsent,) = report.held.unsent
    assert (unsent.recipient, unsent.reason, unsent.given_up) == ("U0OLIVIA", "channel_not_found", True)


@pytest.mark.parametrize("how", ["time", "another message"])
async def test_what_was_given_up_is_history_once(open_store: OpenStore, clock: Clock, how: str) -> None:
    """Its recipient gets messages again, or it was long ago; one that is still retried stays."""
    asker = Asker(await open_store(), clock)
    outbox, admin = asker.store.outbox, await asker.permit(Action.ADMINISTER)
    for about in ("archived", "unreachable"):
        await outbox.alert(about, recipients=("C0STUDIO",), detail={}, now=clock.now())
    archived, unreachable = await outbox.take(clock.now())
    await outbox.failed(archived, reason="is_archived", retry_at=None)
    await outbox.failed(unreachable, reason="TimeoutError", retry_at=clock.now() + timedelta(days=30))
    report = await asker.store.health.report(admin, now=clock.now())
    assert {each.reason for each in report.held.unsent} == {"is_archived", "TimeoutError"}
    clock.move(seconds=60)
    if how == "time":
        clock.move(seconds=7 * 86_400)
    else:
        await outbox.alert("unarchived", recipients=("C0STUDIO", "C0OTHER"), detail={}, now=clock.now())
        for message in await outbox.take(clock.now()):
            await outbox.sent(message, channel=message.recipient, ts="1.0")
    report = await asker.store.health.report(admin, now=clock.now())
    assert [(each.reason, each.given_up) for each in report.held.unsent] == [("TimeoutError", False)]


async def test_only_a_permit_to_administer_opens_it(open_store: OpenStore, clock: Clock) -> None:
    asker = Asker(await open_store(), clock)
    with pytest.raises(TypeError):
        await asker.store.health.report(await asker.permit(Action.SEE, ANA), now=clock.now())
