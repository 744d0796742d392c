"""The report on a deployment: what it counts, and that only admins get it."""

from __future__ import annotations

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
    report = await asker.store.health.report(await asker.permit(Action.ADMINISTER))
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
    report = await asker.store.health.report(await asker.permit(Action.ADMINISTER))
    (unsent,) = report.held.unsent
    assert (unsent.recipient, unsent.reason, unsent.given_up) == ("U0OLIVIA", "channel_not_found", True)


async def test_only_a_permit_to_administer_opens_it(open_store: OpenStore, clock: Clock) -> None:
    asker = Asker(await open_store(), clock)
    with pytest.raises(TypeError):
        await asker.store.health.report(await asker.permit(Action.SEE, ANA))
