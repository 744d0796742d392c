"""*Ask Mia*: petition somebody for a change one may not make oneself, or the admins for a link."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from slack_sdk.models.blocks import Block

from handlers import deciders
from handlers.asked import Ghost, Me, Mention, Quoted, Verb
from handlers.desk import Ask, Desk, ModalClosedError
from handlers.malformed import held
from handlers.spans import Span, narrowed, span_asked, span_of, today_of
from handlers.views import asking as views
from handlers.views import links as link_views
from store.access import Action, Actor, NotAllowedError, Refusal
from store.act import Act, Place
from store.codec import days_from_json
from store.drafts import DraftKind, DraftOverError
from store.focus import FocusError
from store.ids import new_id
from store.petitions import LASTS, Wanted
from store.plans import projected
from store.week import DayNamedTwiceError, Pattern, Snapshot, Subject

__all__ = [
    "ASKABLE",
    "ask_for_link",
    "ask_for_undo",
    "ask_for_week",
    "ask_for_weeks",
    "hand_on",
    "offer",
    "offer_link",
    "offer_weeks",
]

BUTTON_LASTS = timedelta(days=1)
ASKABLE = frozenset({Refusal.NOT_MANAGER, Refusal.SELF_EDIT_OFF})
"""Refusals of a change that somebody else could make."""

# ------------------------------------------------------------------ below a refusal


async def offer(ask: Ask, error: NotAllowedError) -> tuple[Block, ...]:
    """Build the *Ask Mia* button for a refused change or undo that somebody else could make.

    Raises:
        SlackApiError: Slack does not return that person's profile.
    """
    if error.subject is None or error.action is not Action.CHANGE:
        return ()
    if error.refusal not in ASKABLE:
        return ()
    wished, undone = await _wished(ask), await _undone(ask)
    if not (wished or undone):
        return ()
    person = await deciders.who_could(ask, error.subject)
    if person is None:
        return ()
    name = await deciders.real_name(ask, person)
    if undone:
        return views.ask_for_undo(new_id(), undone.id, name=name)
    return views.ask_for_week(new_id(), error.subject, wished, name=name) if wished else ()


async def offer_weeks(
    ask: Ask, subjects: Sequence[Subject], pattern: Pattern, span: Span
) -> tuple[views.Askable, ...]:
    """Build *Ask Mia to change 4* buttons for the weeks that the asker may not change.

    Raises:
        SlackApiError: Slack does not return a candidate's profile.
    """
    found = await deciders.who_could_each(ask, subjects)
    if not found:
        return ()
    draft = await ask.store.drafts.add(
        DraftKind.REFUSED,
        owner=ask.user_id,
        body=views.kept(subjects, _wish(pattern, span)),
        now=ask.desk.clock.now(),
        lasts=BUTTON_LASTS,
    )
    return tuple(
        [
            views.Askable(draft, person.user_id, await deciders.real_name(ask, person), len(weeks))
            for person, weeks in found
        ]
    )


async def offer_link(ask: Ask) -> tuple[Block, ...]:
    """Build the *Ask Olivia* button (an admin) for a person who is not linked.

    Raises:
        SlackApiError: Slack does not return an admin's profile.
    """
    admins = await deciders.admins(ask)
    if not admins:
        return ()
    name = await deciders.real_name(ask, admins[0])
    return views.ask_for_link(new_id(), typed=ask.text, name=name)


async def _wished(ask: Ask) -> views.Wished | None:
    """The refused change to one week, typed or from the editor; ``None`` if there is no such change."""
    if "edit" in ask.said:
        days, shown = days_from_json(ask.said["days"]), days_from_json(ask.said["shown"])
        span = span_of(ask.said.get("first", ""), ask.said.get("last", ""), today=await today_of(ask))
        return replace(_wish(Pattern.exactly(days or {}), span), shown=shown)
    match ask.asked.subjects:
        case (Me() | Mention() | Quoted() | Ghost(),) if ask.asked.verb in {Verb.SET, Verb.CLEAR}:
            return _wish(ask.asked.pattern, await span_asked(ask)) if ask.asked.pattern else None
    return None


def _wish(pattern: Pattern, span: Span) -> views.Wished:
    """The change with absolute dates, since the button may be pressed on a later day."""
    first, last = (day.isoformat() if day else "" for day in (span.first, span.last))
    return views.Wished(narrowed(pattern, span), first, last)


async def _undone(ask: Ask) -> Act | None:
    """The act whose undo was refused, if an undo was requested."""
    if ask.action == "undo":
        return await ask.store.journal.act(ask.value)
    if ask.asked.verb is Verb.UNDO:
        return await ask.store.journal.latest_to_undo(ask.user_id, ask.desk.clock.now())
    if ask.asked.verb is Verb.REDO:
        return await ask.store.journal.latest_to_redo(ask.user_id, ask.desk.clock.now())
    return None


# ------------------------------------------------------------------ asking


async def ask_for_week(ask: Ask) -> None:
    """*Ask Mia*: send the wanted change to the first person who may make it now."""
    with held():
        petition_id, subject, wished = views.wish_in(ask.value)
    span = span_of(wished.first, wished.last, today=await today_of(ask))
    person = await deciders.who_could(ask, subject)
    if person is None:
        await ask.answer(views.nobody_can())
        return
    known = await _known(ask, person, subject, read=True)
    wanted = await _against(ask, subject, known, wished, span)
    await _ask(ask, petition_id, (person.user_id,), [wanted], span=span)


async def ask_for_weeks(ask: Ask) -> None:
    """*Ask Mia to change 4*: send her the refused weeks that she may change now.

    The dry run's own message is not replaced.
    """
    draft_id, _, user_id = ask.value.partition(" ")
    draft = await ask.store.drafts.get(draft_id)
    if draft is None or draft.kind is not DraftKind.REFUSED or draft.owner != ask.user_id:
        raise DraftOverError(None)
    if draft.ends_at <= ask.desk.clock.now():
        raise DraftOverError(draft)
    subjects, wished = views.restored(draft.body)
    span = span_of(wished.first, wished.last, today=await today_of(ask))
    person = await ask.desk.people.actor(user_id, team_id=ask.team_id)
    allowed = await ask.store.access.allowed(person, Action.CHANGE, subjects)
    beside = replace(ask, replaces=False)
    if not allowed:
        await beside.answer(views.nobody_can())
        return
    wanted = [
        await _against(ask, subject, await _known(ask, person, subject), wished, span) for subject in allowed
    ]
    await _ask(beside, f"{draft_id}-{user_id}", (user_id,), wanted, span=span)


async def ask_for_undo(ask: Ask) -> None:
    """*Ask Mia* below a refused undo: ask her to undo those of the act's changes that she may change."""
    petition_id, _, act_id = ask.value.partition(" ")
    await ask.actor()
    act = await ask.store.journal.act(act_id)
    written = [change for change in act.changes if change.written] if act and not act.undone_by else []
    found = await deciders.who_could_each(ask, [change.subject for change in written])
    if act is None or not found:
        await ask.answer(views.nobody_can())
        return
    person, subjects = found[0]
    back = [(change, change.back()[0]) for change in written if change.subject in subjects]
    wanted = [Wanted(change.subject, pattern, change.wanted) for change, pattern in back]
    await _ask(ask, petition_id, (person.user_id,), wanted, undoes=act.id)


async def ask_for_link(ask: Ask) -> None:
    """*Ask Olivia*: send the request for a link to every available admin; the first to decide settles it."""
    petition_id, _, typed = ask.value.partition(" ")
    await ask.actor()
    if entry := await ask.store.directory.linked(ask.user_id):
        await ask.answer(link_views.you_are(entry, command=ask.desk.command))
        return
    admins = await deciders.admins(ask)
    if not admins:
        await ask.answer(views.nobody_can())
        return
    await _ask(ask, petition_id, tuple(admin.user_id for admin in admins), typed=typed)


async def _ask(
    ask: Ask,
    petition_id: str,
    asked: tuple[str, ...],
    wanted: Sequence[Wanted] = (),
    *,
    span: Span | None = None,
    undoes: str | None = None,
    typed: str = "",
) -> None:
    now = ask.desk.clock.now()
    new = await ask.store.petitions.ask(
        petition_id,
        asker=ask.user_id,
        asked=asked,
        wanted=wanted,
        first=span.first if span else None,
        last=span.last if span else None,
        undoes=undoes,
        text=typed,
        now=now,
    )
    reply = views.asked(asked, now + LASTS) if new else views.asked_before()
    if ask.action != "petition_weeks" or ask.place.kind != "modal":
        await ask.answer(reply)
        return
    try:
        await ask.update_modal(views.said_in_place(ask.view, ask.value, reply))
    except ModalClosedError:
        await ask.message(reply)


async def _known(ask: Ask, person: Actor, subject: Subject, *, read: bool = False) -> Snapshot | None:
    """The cached week, of any age, as the person who is asked may see it.

    With ``read`` a week that was never read is read now, so that they see the effect of the change.
    """
    permit = await ask.store.access.may(person, Action.SEE, subject)
    known = await ask.store.hours.last_known(permit)
    if known is None and read:
        with suppress(FocusError):  # they are asked all the same, and the week is read when they apply it
            return (await ask.store.hours.look(permit)).snapshot
    return known


async def _against(
    ask: Ask, subject: Subject, known: Snapshot | None, wished: views.Wished, span: Span
) -> Wanted:
    """The change together with the known week; for a dated change, with the plans until then applied.

    The days that the asker saw in the editor override the known ones.
    """
    if known is None:
        return Wanted(subject, wished.pattern)
    before = known.week.replace(wished.shown or {})
    if span.is_dated:
        before = projected(before, await ask.store.plans.of([subject]), span.begins)
    try:
        wished.pattern.on(before)
    except DayNamedTwiceError:
        return Wanted(subject, wished.pattern)
    return Wanted(subject, wished.pattern, before, known.as_of)


async def hand_on(desk: Desk, user_id: str) -> None:
    """Pass on the petitions that only this person, who has left Slack, was asked to decide.

    Each goes to the person who may change most of its weeks; with nobody left it expires.
    """
    for petition in await desk.store.petitions.only_for(user_id):
        ask = Ask(
            desk=desk,
            user_id=petition.asker,
            team_id=desk.store.team_id,
            place=Place("dm"),
            act_id=new_id(),
            quiet=True,
        )
        found = await deciders.who_could_each(ask, [each.subject for each in petition.wanted])
        if found:
            person, _ = max(found, key=lambda each: len(each[1]))
            await desk.store.petitions.hand_on(petition, to=person.user_id, now=desk.clock.now())
