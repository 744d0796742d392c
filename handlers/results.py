"""Report an act's result: the answer where it was asked, and the outbox messages about it."""

from __future__ import annotations

from handlers.desk import Ask, Desk, ModalClosedError
from handlers.views import alerts, batches, receipts
from handlers.views.blocks import Reply
from handlers.views.modals import saying
from handlers.views.week import Who
from store.access import Action
from store.act import Act, Kind, State
from store.hours import Wish
from store.messages import Message, MessageKind
from store.week import Subject

__all__ = [
    "WithheldError",
    "audit_worded",
    "carry_out",
    "earlier_worded",
    "names_in",
    "notice_worded",
    "receipt",
    "receipt_worded",
    "restart_worded",
    "say",
]

CALLS_A_CHANGE = 2
"""Assumed calls to Focus per change: one read and one write, as most changes only update days."""


class WithheldError(Exception):
    """A message must not be posted because outsiders read the channel; the text is the reason's code."""


async def carry_out(ask: Ask, wishes: list[Wish], *, kind: Kind, draft: str | None = None) -> None:
    """Make the changes and answer with the result where it was asked."""
    await say(ask, await ask.store.hours.change(ask.request(), *wishes, kind=kind, draft=draft))


async def say(ask: Ask, act: Act) -> None:
    """Answer with the act's result in a channel or modal; elsewhere the receipt is the answer."""
    if act.queued and not act.settled:
        if ask.place.kind not in {"dm", "home"}:
            await ask.answer(batches.begun(act, ask.store.hours.time_for(_calls_left(act))))
        else:
            await ask.introduce()
    elif ask.place.kind == "modal":
        await _say_in_modal(ask, act)
    elif ask.place.kind == "channel" or all(change.state is State.UNCHANGED for change in act.changes):
        await ask.answer(await receipt(ask.desk, act, reader=ask.user_id))
    else:
        await ask.introduce()


async def _say_in_modal(ask: Ask, act: Act) -> None:
    """Show the result in the modal; if it was closed, the receipt reports it instead.

    A conflict's receipt is held back until that is known: dropped if the modal shows it, else sent now.
    """
    reply = await ask.introduced(await receipt(ask.desk, act, reader=ask.user_id, tables=False))
    outbox, now = ask.store.outbox, ask.desk.clock.now()
    conflict = any(change.state is State.CONFLICT for change in act.changes)
    try:
        await ask.update_modal(saying(reply, external_id=ask.view.get("external_id")))
    except ModalClosedError:
        if all(change.state is State.UNCHANGED for change in act.changes):
            await ask.message(reply)  # this writes no receipt
        elif conflict:
            await outbox.hasten(MessageKind.RECEIPT, act.id, recipient=act.actor, now=now)
    else:
        if conflict:
            await outbox.drop_held(MessageKind.RECEIPT, act.id, recipient=act.actor, now=now)


async def receipt(desk: Desk, act: Act, *, reader: str, tables: bool = True, offers: bool = True) -> Reply:
    """The receipt with the act's current state; without ``offers`` it has no buttons to act on it."""
    names = await names_in(desk, act, reader=reader)
    view = receipts.Reader(reader, desk.clock.now(), tables=tables, offers=offers)
    if act.queued:
        return batches.receipt(act, names, view, takes=desk.store.hours.time_for(_calls_left(act)))
    conflicts = [change for change in act.changes if change.state is State.CONFLICT]
    writers = {change.id: await desk.store.journal.writers(change) for change in conflicts}
    return receipts.receipt(act, names, view, writers=writers, past_moves=desk.store.past.moves)


async def names_in(desk: Desk, act: Act, *, reader: str) -> dict[Subject, Who]:
    """The act's subjects -> their names as the reader should see them."""
    known = {}
    if act.queued:  # two queries instead of one for each subject
        every = (*await desk.store.directory.people(), *await desk.store.directory.placeholders())
        known = {entry.subject: entry for entry in every}
    found = {}
    for change in act.changes:
        entry = known.get(change.subject) or await desk.store.directory.entry_or_id(change.subject)
        found[change.subject] = Who.of(entry, reader=reader)
    return found


def _calls_left(act: Act) -> int:
    return CALLS_A_CHANGE * sum(not change.state.settled for change in act.changes)


# ------------------------------------------------------------------ messages from the outbox


async def receipt_worded(desk: Desk, message: Message) -> Reply | None:
    """The receipt for the actor; ``None`` if the act is gone or has no changes."""
    act = await desk.store.journal.act(message.about)
    if act is None or not act.changes:
        return None
    return await receipt(desk, act, reader=message.recipient)


async def earlier_worded(desk: Desk, message: Message) -> Reply | None:
    """What stands where the receipt stood before it was posted anew."""
    act = await desk.store.journal.act(message.about)
    if act is None or not act.changes:
        return None
    return receipts.earlier(act, await names_in(desk, act, reader=message.recipient))


async def notice_worded(desk: Desk, message: Message) -> Reply | None:
    """The notice to a person whose week somebody else has changed."""
    change = await desk.store.journal.change(message.about)
    if change is None:
        return None
    act = await desk.store.journal.act_of(change)
    who = Who.of(await desk.store.directory.entry_or_id(change.subject), reader=message.recipient)
    may_change = await _may_change(desk, message.recipient, change.subject)
    put_back = await _is_back(desk, act, change.subject)
    return receipts.notice(
        act, change, who, may_change=may_change, put_back=put_back, team_id=desk.store.team_id
    )


async def _is_back(desk: Desk, act: Act, subject: Subject) -> bool:
    """Whether this subject's week was put back; an undo of many skips weeks that were changed since."""
    undo = await desk.store.journal.act(act.undone_by) if act.undone_by else None
    done = {State.APPLIED, State.UNCHANGED}
    return undo is not None and any(each.subject == subject and each.state in done for each in undo.changes)


async def _may_change(desk: Desk, user_id: str, subject: Subject) -> bool:
    actor = await desk.people.actor(user_id, team_id=desk.store.team_id)
    return await desk.store.access.can(actor, Action.CHANGE, subject)


async def audit_worded(desk: Desk, message: Message) -> Reply | None:
    """The line in the audit channel.

    Raises:
        WithheldError: the channel has become public or shared with another organization.
    """
    if exposed := await desk.people.audiences.exposed(message.recipient):
        raise WithheldError(exposed)
    act = await desk.store.journal.act(message.about)
    if act is None:
        return None
    names = await names_in(desk, act, reader="")
    return batches.audit(act, names) if act.queued else receipts.audit(act, names)


async def restart_worded(desk: Desk, message: Message) -> Reply | None:
    """The message to a person whose request was interrupted by a restart, or whose answer Slack refused."""
    act = await desk.store.journal.act(message.about)
    if act is None:
        return None
    restarted = message.detail.get("why") != "unanswered"
    return alerts.undone(act, command=desk.command, restarted=restarted, now=desk.clock.now())
