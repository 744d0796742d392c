"""``/hours``, ``set``, ``clear``, ``placeholders``: show weeks, or change one with a typed line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from handlers import bulk, waiting
from handlers.asked import Asked, Ghost, Me, Mention, Quoted, Unquoted, Verb
from handlers.desk import Ask
from handlers.malformed import held
from handlers.payloads import subject_in
from handlers.plans.making import plan_one
from handlers.replies import explain
from handlers.results import carry_out
from handlers.spans import narrowed, span_asked
from handlers.subjects import NotLinkedError
from handlers.views import previews
from handlers.views import week as views
from handlers.views.blocks import joined
from handlers.views.plans import shown as plan_views
from handlers.views.troubles import focus_trouble, not_read
from handlers.views.week import Who
from store.access import Action, Actor, Permit
from store.act import FEW, Kind
from store.directory import Entry
from store.focus import FocusError
from store.hours import Look, Wish
from store.week import Hours, Pattern, Subject, Weekday

__all__ = [
    "change",
    "look",
    "look_picked",
    "placeholders",
    "repair",
]


async def look(ask: Ask) -> None:
    """``/hours [me | @ana … | "Designer 1"]``: show weeks, from the cache if fresh, else from Focus."""
    actor, entries, strangers = await _whom(ask)
    permits = {each.subject: await ask.store.access.may(actor, Action.SEE, each.subject) for each in entries}
    few = len(entries) <= FEW
    looks = await (ask.store.hours.look_at(permits.values()) if few else _as_last_read(ask, permits))
    found: list[tuple[Entry, Look]] = []
    missing: list[Who] = []
    failed: list[tuple[Who, FocusError]] = []
    for entry in entries:
        who = Who.of(entry, reader=ask.user_id)
        match looks.get(entry.subject):
            case Look() as seen:
                found.append((entry, seen))
            case FocusError() as error:
                if len(entries) == 1 and not strangers:
                    raise error
                failed.append((who, error))
            case None:
                missing.append(who)
    await _show(ask, actor, found, (*not_read(failed), *views.unread(missing)), strangers=strangers)


async def look_picked(ask: Ask) -> None:
    """Show the week of the entry chosen from a list of equal names."""
    entry = await ask.store.directory.entry_or_id(subject_in(ask.value))
    await look(replace(ask, asked=Asked(Verb.LOOK, (Unquoted(entry.name),)), value=ask.value))


async def _as_last_read(ask: Ask, permits: Mapping[Subject, Permit]) -> dict[Subject, Look | FocusError]:
    """The cached weeks, of any age; those never read are read as far as the quota's reserve allows."""
    known = await ask.store.hours.board(permits.values())
    never = [permit for subject, permit in permits.items() if subject not in known]
    failed: dict[Subject, FocusError] = {}
    try:
        failed |= (await ask.store.hours.refresh(never, at_most=len(never))).failed
    except FocusError as error:
        failed |= {subject: error for subject in permits if subject not in known}
    known = await ask.store.hours.board(permits.values())
    return {**failed, **{subject: Look(snapshot) for subject, snapshot in known.items()}}


async def _whom(ask: Ask) -> tuple[Actor, list[Entry], list[NotLinkedError]]:
    """Whose weeks are meant, and of several those who are not linked; one alone is refused."""
    actor = await ask.actor()
    if ask.value not in {"", "-"}:
        return actor, [await ask.store.directory.entry_or_id(subject_in(ask.value))], []
    refs = ask.asked.subjects or (Me(),)
    entries: list[Entry] = []
    strangers: list[NotLinkedError] = []
    for ref in refs:
        try:
            entries.append(await ask.subject(ref))
        except NotLinkedError as error:
            if len(refs) == 1:
                raise
            strangers.append(error)
    return actor, entries, strangers


async def _show(
    ask: Ask,
    actor: Actor,
    found: list[tuple[Entry, Look]],
    missing: Sequence[str] = (),
    *,
    strangers: Sequence[NotLinkedError] = (),
) -> None:
    unknown = [await explain(each, ask) for each in strangers]
    if unknown and not (found or missing):
        await ask.answer(joined(unknown))
        return
    now = ask.desk.clock.now()
    lines = [(Who.of(entry, reader=ask.user_id), look) for entry, look in found]
    oldest = min((look.snapshot for _, look in lines), key=lambda each: each.as_of, default=None)
    note = f"As of {views.as_of(oldest, now=now)} · Toggl Focus" if oldest else "Toggl Focus"
    if oldest and len(lines) > FEW:
        note = f"As last read, the oldest {views.as_of(oldest, now=now)} · Toggl Focus"
    trouble = next((look.trouble for _, look in lines if look.trouble), None)
    if trouble:
        note = f"{note} · not fresh: {focus_trouble(trouble)}"
    if ask.store.weekdays.uncertain:
        note = f"{note} · {views.DAYS_UNSURE}"
    if missing or unknown or len(lines) > 1:
        weeks = [(who, look.snapshot) for who, look in lines]
        await ask.answer(joined([views.looks(weeks, note=note, missing=missing), *unknown]))
        return
    ((who, only),) = lines
    permit = await ask.store.access.may(actor, Action.SEE, who.subject)
    confirmation = await ask.store.confirmations.latest(permit, only.snapshot.week)
    reply = views.look(
        who,
        only.snapshot,
        note=note,
        may_change=await ask.store.access.can(actor, Action.CHANGE, who.subject),
        may_see_history=await ask.store.access.can(actor, Action.SEE_HISTORY, who.subject),
        confirmed=confirmation.at if confirmation else None,
        planned=plan_views.coming(await ask.store.plans.of([who.subject]), command=ask.desk.command),
        waiting=await waiting.of(ask, who.subject),
    )
    await ask.answer(reply)


# ------------------------------------------------------------------ changing


async def change(ask: Ask) -> None:
    """``/hours set|clear [subject] …``: change one subject at once, or show a dry run for several.

    With dates, one subject's change is planned instead.
    """
    pattern = ask.asked.pattern
    if pattern is None:
        raise LookupError("the grammar gave a change without a pattern")
    span = await span_asked(ask)
    pattern = narrowed(pattern, span, asked=ask.asked)
    match ask.asked.subjects:
        case (Me() | Mention() | Quoted() | Ghost() | Unquoted() as ref,):
            entry = await ask.subject(ref, whole=True)
            if span.is_dated:
                await plan_one(ask, entry, pattern, span)
                return
            permit = await ask.may(Action.CHANGE, entry.subject)
            await carry_out(ask, [Wish(permit, pattern)], kind=Kind.SET)
        case refs:
            await bulk.show(ask, refs, pattern, span)


async def repair(ask: Ask) -> None:
    """*Keep Mon 8 h*: resolve two rows for one weekday by setting that day to the chosen hours."""
    with held():
        key, day, hours = ask.value.split(" ")
        subject, kept = Subject.parse(key), Pattern.exactly({Weekday(int(day)): Hours(hours)})
    permit = await ask.may(Action.CHANGE, subject)
    wish = Wish(permit, kept)
    await carry_out(ask, [wish], kind=Kind.REPAIR)


# ------------------------------------------------------------------ placeholders


async def placeholders(ask: Ask) -> None:
    """``/hours placeholders [part of a name]``: list placeholders with their cached weeks."""
    actor = await ask.actor()
    part = ask.asked.rest
    await ask.may_name(Quoted(part))
    lines = []
    for entry in await ask.store.directory.placeholders(part):
        permit = await ask.store.access.may(actor, Action.SEE, entry.subject)
        lines.append((Who.of(entry), await ask.store.hours.last_known(permit)))
    mine = await ask.store.access.allowed(actor, Action.CHANGE, {who.subject for who, _ in lines})
    await ask.answer(previews.placeholders(lines, part=part, changeable=mine, command=ask.desk.command))
