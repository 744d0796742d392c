"""Petitions decided: *Apply*, *Decline*, *Link*, and the messages about them to deciders and askers.

The decider's own permission is checked when they press, and the change is made in their name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from handlers import checkups
from handlers.desk import Ask, Desk
from handlers.likeness import alike
from handlers.malformed import held
from handlers.plans.making import plan_many, week_on
from handlers.results import carry_out, names_in, receipt, say
from handlers.spans import Span, span_of, today_of
from handlers.views import petitions as views
from handlers.views.blocks import Reply
from handlers.views.receipts import Reader
from handlers.views.week import Who
from store.access import Action, Permit
from store.act import FEW, Kind
from store.drafts import DraftOverError
from store.hours import Wish
from store.messages import Message
from store.petitions import Petition
from store.week import Subject

__all__ = ["answered", "apply", "decline", "link", "worded"]

LIKELY = 3
"""The most Focus users offered as matches for a person who is not linked."""

# ------------------------------------------------------------------ deciding


async def apply(ask: Ask) -> None:
    """*Apply*: make the change by the presser's permission and in their name, noting the asker.

    A petition with dates becomes a plan of the presser's.
    """
    petition = await ask.store.petitions.undecided(ask.value)
    if not petition.wanted:
        raise DraftOverError(None)
    # Subjects that the presser may not change are left out.
    permits = await ask.may_some(Action.CHANGE, [each.subject for each in petition.wanted])
    asked = replace(ask, said={**ask.said, "asked_by": petition.asker})
    if petition.undoes:
        target = await ask.store.journal.act(petition.undoes)
        if target is None:
            raise DraftOverError(None)
        await say(asked, await ask.store.hours.undo(asked.request(), target, permits, draft=petition.id))
        return
    span = _span(petition, today=await today_of(ask))
    if span.is_dated:
        await _plan(asked, petition, permits, span)
        return
    wishes = [
        Wish(permits[each.subject], each.pattern, each.expected)
        for each in petition.wanted
        if each.subject in permits
    ]
    kind = Kind.SET if len(petition.wanted) == 1 else Kind.BULK
    await carry_out(asked, wishes, kind=kind, draft=petition.id)


def _span(petition: Petition, *, today: date) -> Span:
    """The petition's dates; if its first day has passed before anybody decided, it begins at once.

    Raises:
        Problem: its last day is over.
    """
    late = petition.first is None or petition.first <= today
    first, last = (day.isoformat() if day else "" for day in (petition.first, petition.last))
    return span_of("" if late else first, last, today=today)


async def _plan(ask: Ask, petition: Petition, permits: Mapping[Subject, Permit], span: Span) -> None:
    expected = {each.subject: each.expected for each in petition.wanted}
    if len(expected) <= FEW:  # with more subjects, unread weeks are read when the plan begins
        for subject in [each for each in permits if expected[each] is None]:
            planned = await ask.store.plans.of([subject])
            expected[subject] = dict(await week_on(ask, subject, span.begins, planned=planned))
    pattern = petition.wanted[0].pattern  # the same for everybody
    await plan_many(
        ask,
        permits.values(),
        pattern,
        span,
        expected=expected,
        draft=petition.id,
        asked_by=petition.asker,
    )


async def decline(ask: Ask) -> None:
    """*Decline*: allowed to everybody who was asked, since it changes no week, and to admins."""
    petition = await ask.store.petitions.undecided(ask.value)
    await ask.actor()
    if ask.user_id not in petition.asked:
        await ask.may(Action.ADMINISTER)
    await ask.store.petitions.decline(petition.id, by=ask.user_id, now=ask.desk.clock.now())


async def link(ask: Ask) -> None:
    """*Link* beside a likely match: link the asker to that Focus user."""
    petition_id, _, number = ask.value.partition(" ")
    petition = await ask.store.petitions.undecided(petition_id)
    permit = await ask.may(Action.ADMINISTER)
    with held():
        subject = Subject("person", int(number))
    await ask.store.links.link(
        permit,
        slack_user_id=petition.asker,
        focus_user_id=subject.id,
        now=ask.desk.clock.now(),
        petition=petition.id,
    )
    await checkups.linked(ask.desk, subject)


# ------------------------------------------------------------------ messages


async def worded(desk: Desk, message: Message) -> Reply | None:
    """The petition's message to a decider, with its current state."""
    petition = await desk.store.petitions.get(message.about)
    if petition is None:
        return None
    reader = message.recipient
    if petition.wanted:
        names = await _names(desk, petition, reader=reader)
        return views.change(petition, names, reader=reader, now=desk.clock.now())
    person = await desk.people.slack_person(petition.asker)
    likely = alike(person, await desk.store.directory.people(), at_most=LIKELY)
    linked = await desk.store.directory.linked(petition.asker)
    return views.link(petition, likely, linked, unconfirmed=person.unconfirmed, reader=reader)


async def answered(desk: Desk, message: Message) -> Reply | None:
    """The message to the asker about the petition's outcome, without weeks that they may not see."""
    reader = message.recipient
    if petition := await desk.store.petitions.get(message.about):
        names = await _names(desk, petition, reader=reader)
        linked = await desk.store.directory.linked(reader)
        return views.answered(await _as_seen(desk, petition), names, linked, command=desk.command)
    act = await desk.store.journal.act(message.about)
    if act is None or not act.changes:
        return None
    subjects = {change.subject for change in act.changes}
    view = Reader(reader, desk.clock.now(), offers=False)
    if subjects - await _seen(desk, reader, subjects):
        return views.outcome_unseen(act, await names_in(desk, act, reader=reader), view)
    if len(act.changes) > 1:
        return views.outcome_of_many(act, await receipt(desk, act, reader=reader, offers=False))
    return views.outcome(act, await names_in(desk, act, reader=reader), view)


async def _as_seen(desk: Desk, petition: Petition) -> Petition:
    """The petition as its asker may see it: the deciders are shown weeks that the asker may not see."""
    seen = await _seen(desk, petition.asker, [each.subject for each in petition.wanted])
    wanted = (
        each if each.subject in seen else replace(each, before=None, as_of=None) for each in petition.wanted
    )
    return replace(petition, wanted=tuple(wanted))


async def _seen(desk: Desk, user_id: str, subjects: Iterable[Subject]) -> set[Subject]:
    """Those of the subjects whose weeks this user may see now."""
    actor = await desk.people.actor(user_id, team_id=desk.store.team_id)
    return {*await desk.store.access.allowed(actor, Action.SEE, subjects)}


async def _names(desk: Desk, petition: Petition, *, reader: str) -> dict[Subject, Who]:
    return {
        each.subject: Who.of(await desk.store.directory.entry_or_id(each.subject), reader=reader)
        for each in petition.wanted
    }
