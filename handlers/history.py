"""``/hours undo``, ``/hours history``, and the buttons on a receipt."""

from __future__ import annotations

from handlers import waiting
from handlers.desk import Ask
from handlers.malformed import held
from handlers.payloads import subject_in
from handlers.results import receipt, say
from handlers.views import histories
from handlers.views.blocks import Reply
from handlers.views.week import Who
from store.access import Action, Permit
from store.act import Act, Change, Kind

__all__ = ["finish", "give_up", "history", "overwrite", "redo_latest", "undo", "undo_latest"]


async def undo_latest(ask: Ask) -> None:
    """``/hours undo``: undo the asker's latest act of the last 24 hours."""
    await ask.actor()
    act = await ask.store.journal.latest_to_undo(ask.user_id, ask.desk.clock.now())
    if act is None:
        await ask.answer(Reply.saying("You have changed nothing in the last 24 hours that could be undone."))
    elif not act.settled:
        await _not_finished(ask, act, "undid")
    elif act.kind is Kind.REPAIR:
        as_it_is = await receipt(ask.desk, act, reader=ask.user_id)
        why = "Your latest change is a repair, which can’t be undone, so I undid nothing."
        await ask.answer(as_it_is.after(f"{why} To undo an older change, press *Undo* on its receipt."))
    else:
        await _undo(ask, act)


async def redo_latest(ask: Ask) -> None:
    """``/hours redo``: my latest undo, undone, unless I have changed something else since."""
    await ask.actor()
    act = await ask.store.journal.latest_to_redo(ask.user_id, ask.desk.clock.now())
    if act is None:
        nothing = "There is nothing to redo: redo brings back what you undid last, until you change a week."
        await ask.answer(Reply.saying(nothing))
    elif not act.settled:
        await _not_finished(ask, act, "redid")
    else:
        await _undo(ask, act)


async def _not_finished(ask: Ask, act: Act, did: str) -> None:
    as_it_is = await receipt(ask.desk, act, reader=ask.user_id)
    await ask.answer(as_it_is.after(f"Your latest change is not finished yet, so I {did} nothing."))


async def undo(ask: Ask) -> None:
    """*Undo*, *Redo* or *Put back* on a receipt: put the act's days back."""
    act = await ask.store.journal.act(ask.value)
    if act is None:
        await ask.answer(Reply.saying("I no longer know this change, so I can’t undo it."))
    elif act.undone_by is None and not act.undoable(ask.desk.clock.now()):
        done = "redone" if act.kind is Kind.UNDO else "undone"
        await ask.answer(
            Reply.saying(f"This can’t be {done} any more: a day has passed, or nothing was written.")
        )
    else:
        await _undo(ask, act)


async def _undo(ask: Ask, act: Act) -> None:
    # Subjects that the asker may not change are named in the answer.
    permits = await ask.may_some(Action.CHANGE, [change.subject for change in act.changes if change.written])
    await say(ask, await ask.store.hours.undo(ask.request(), act, permits))


async def finish(ask: Ask) -> None:
    """*Finish* a partly written change, or *Try again* a failed one."""
    change, permit = await _mine(ask)
    await say(ask, await ask.store.hours.again(permit, change, request_id=ask.act_id))


async def overwrite(ask: Ask) -> None:
    """*Overwrite* in a conflict: write the wanted days over what somebody else changed."""
    change, permit = await _mine(ask)
    await say(ask, await ask.store.hours.overwrite(permit, change, request_id=ask.act_id))


async def give_up(ask: Ask) -> None:
    """*Keep* in a conflict, or *Cancel* for a waiting change."""
    await say(ask, await waiting.call_off(ask, await waiting.pressed(ask)))


async def _mine(ask: Ask) -> tuple[Change, Permit]:
    """The change that the button is about, and the permit to go on with it."""
    change = await waiting.pressed(ask)
    return change, await ask.may(Action.CHANGE, change.subject)


async def history(ask: Ask) -> None:
    """``/hours history [subject]``: show the last ten changes to a week, newest first, with Undo."""
    if ask.value not in {"", "-"}:
        entry = await ask.store.directory.entry_or_id(subject_in(ask.value))
    else:
        with held():
            (ref, *_) = ask.asked.subjects
        entry = await ask.subject(ref)
    await ask.may(Action.SEE_HISTORY, entry.subject)
    acts = await ask.store.journal.history(entry.subject)
    who = Who.of(entry, reader=ask.user_id)
    waits = await waiting.of(ask, entry.subject)
    now = ask.desk.clock.now()
    await ask.answer(histories.history(who, acts, reader=ask.user_id, now=now, waiting=waits))
