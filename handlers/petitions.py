"""*Ask Mia*: who may not, asks who may; and who is not linked, asks the admins.

Whoever is asked is judged when they press, as themselves, and the change is made in their name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from slack_sdk.models.blocks import Block

from handlers import checkups
from handlers.asked import Ghost, Me, Mention, Quoted, Verb
from handlers.desk import Ask, Desk
from handlers.results import carry_out, names_in
from handlers.views import links as link_views
from handlers.views import petitions as views
from handlers.views.blocks import Reply
from handlers.views.receipts import Reader
from handlers.views.week import Who
from store.access import Action, Actor, NotAllowedError, Refusal
from store.act import Days, Kind, days_from_json
from store.drafts import DraftOverError
from store.entries import new_id
from store.hours import Wish
from store.outbox import Message
from store.petitions import LASTS, Wanted
from store.week import DayNamedTwiceError, Pattern, Subject

__all__ = [
    "answered",
    "apply",
    "ask_for_link",
    "ask_for_week",
    "decline",
    "link",
    "offer",
    "offer_link",
    "worded",
]

LIKELY = 3
"""Focus users offered to somebody who is not linked."""

ASKED_IN_TURN = 5
"""People looked at until one is found who can do it now."""

# ------------------------------------------------------------------ below a refusal


async def offer(ask: Ask, error: NotAllowedError) -> tuple[Block, ...]:
    """*Ask Mia*, where a change was refused that somebody else could make.

    Raises:
        SlackApiError: Slack does not tell who that is.
    """
    wish = _wish(ask)
    if wish is None or error.subject is None or error.action is not Action.CHANGE:
        return ()
    if error.refusal not in {Refusal.NOT_MANAGER, Refusal.SELF_EDIT_OFF}:
        return ()
    person = await _who_could(ask, error.subject)
    if person is None:
        return ()
    pattern, shown = wish
    name = await _real_name(ask, person)
    return views.ask_for_week(new_id(), error.subject, pattern, shown=shown, name=name)


async def offer_link(ask: Ask) -> tuple[Block, ...]:
    """*Ask Olivia*, for somebody who is not linked.

    Raises:
        SlackApiError: Slack does not tell who the admins are.
    """
    admins = await _admins(ask)
    if not admins or ask.user_id in ask.store.access.policy.admins:
        return ()
    name = await _real_name(ask, admins[0])
    return views.ask_for_link(new_id(), typed=ask.text, name=name)


def _wish(ask: Ask) -> tuple[Pattern, Days | None] | None:
    """The one change that was asked for, typed or in the editor, and the days it was asked against."""
    if "edit" in ask.said:
        days, shown = days_from_json(ask.said["days"]), days_from_json(ask.said["shown"])
        return Pattern.exactly(days or {}), shown
    match ask.asked.subjects:
        case (Me() | Mention() | Quoted() | Ghost(),) if ask.asked.verb in {Verb.SET, Verb.CLEAR}:
            return (ask.asked.pattern, None) if ask.asked.pattern else None
    return None


# ------------------------------------------------------------------ asking


async def ask_for_week(ask: Ask) -> None:
    """*Ask Mia*: the change, as the asker meant it, to the first who could make it now."""
    petition_id, subject, pattern, shown = views.wish_in(ask.value)
    await ask.actor()
    person = await _who_could(ask, subject)
    if person is None:
        await ask.answer(views.nobody_can())
        return
    wanted = await _against_known(ask, person, subject, pattern, shown)
    await _ask(ask, petition_id, (person.user_id,), wanted)


async def ask_for_link(ask: Ask) -> None:
    """*Ask Olivia*: every admin, until one of them decides."""
    petition_id, _, typed = ask.value.partition(" ")
    await ask.actor()
    if entry := await ask.store.directory.linked(ask.user_id):
        await ask.answer(link_views.you_are(entry, command=ask.desk.command))
        return
    admins = await _admins(ask)
    if not admins:
        await ask.answer(views.nobody_can())
        return
    await _ask(ask, petition_id, tuple(admin.user_id for admin in admins), None, typed)


async def _ask(
    ask: Ask, petition_id: str, asked: tuple[str, ...], wanted: Wanted | None, typed: str = ""
) -> None:
    now = ask.desk.clock.now()
    new = await ask.store.petitions.ask(
        petition_id, asker=ask.user_id, asked=asked, wanted=wanted, text=typed, now=now
    )
    await ask.answer(views.asked(asked, now + LASTS) if new else views.asked_before())


async def _against_known(
    ask: Ask, person: Actor, subject: Subject, pattern: Pattern, shown: Days | None
) -> Wanted:
    """The change, beside the week as last read; what the asker saw in the editor counts above that."""
    permit = await ask.store.access.may(person, Action.SEE, subject)
    known = await ask.store.hours.last_known(permit)
    if known is None:
        return Wanted(subject, pattern)
    before = known.week.replace(shown or {})
    try:
        pattern.on(before)
    except DayNamedTwiceError:
        return Wanted(subject, pattern)
    return Wanted(subject, pattern, before, known.as_of)


# ------------------------------------------------------------------ deciding


async def apply(ask: Ask) -> None:
    """*Apply*: in the presser's name and by the presser's right, naming who asked."""
    petition = await ask.store.petitions.undecided(ask.value)
    if petition.wanted is None:
        raise DraftOverError(None)
    wanted = petition.wanted
    permit = await ask.store.access.may(await ask.actor(), Action.CHANGE, wanted.subject)
    asked = replace(ask, said={**ask.said, "asked_by": petition.asker})
    wish = Wish(permit, wanted.pattern, wanted.expected)
    await carry_out(asked, [wish], kind=Kind.SET, draft=petition.id)


async def decline(ask: Ask) -> None:
    """*Decline*: an answer, not an act, so that whoever was asked may give it."""
    petition = await ask.store.petitions.undecided(ask.value)
    actor = await ask.actor()
    if ask.user_id not in petition.asked:
        await ask.store.access.may(actor, Action.ADMINISTER)
    await ask.store.petitions.decline(petition.id, by=ask.user_id, now=ask.desk.clock.now())


async def link(ask: Ask) -> None:
    """*Link* beside a likely match."""
    petition_id, _, number = ask.value.partition(" ")
    petition = await ask.store.petitions.undecided(petition_id)
    permit = await ask.store.access.may(await ask.actor(), Action.ADMINISTER)
    subject = Subject("person", int(number))
    await ask.store.links.link(
        permit,
        slack_user_id=petition.asker,
        focus_user_id=subject.id,
        now=ask.desk.clock.now(),
        petition=petition.id,
    )
    await checkups.linked(ask.desk, subject)
    ask.store.outbox.stirred.set()


# ------------------------------------------------------------------ messages


async def worded(desk: Desk, message: Message) -> Reply | None:
    """The question as it stands now, for whoever may decide."""
    petition = await desk.store.petitions.get(message.about)
    if petition is None:
        return None
    reader = message.recipient
    if wanted := petition.wanted:
        who = Who.of(await desk.store.directory.entry_or_id(wanted.subject), reader=reader)
        return views.change(petition, wanted, who, reader=reader, now=desk.clock.now())
    person = await desk.people.slack_person(petition.asker)
    likely = link_views.alike(person, await desk.store.directory.people(), at_most=LIKELY)
    return views.link(petition, likely, await desk.store.directory.linked(petition.asker), reader=reader)


async def answered(desk: Desk, message: Message) -> Reply | None:
    """What became of it, for whoever asked."""
    reader = message.recipient
    if petition := await desk.store.petitions.get(message.about):
        subject = petition.wanted.subject if petition.wanted else None
        who = Who.of(await desk.store.directory.entry_or_id(subject), reader=reader) if subject else None
        linked = await desk.store.directory.linked(reader)
        return views.answered(petition, who, linked, command=desk.command)
    act = await desk.store.journal.act(message.about)
    if act is None or not act.changes:
        return None
    names = await names_in(desk, act, reader=reader)
    return views.outcome(act, names, Reader(reader, desk.clock.now(), offers=False))


# ------------------------------------------------------------------ inside


async def _who_could(ask: Ask, subject: Subject) -> Actor | None:
    """The first who may change this week now, managers before admins; never the asker."""
    for person in await _living(ask, await ask.store.access.who_can(Action.CHANGE, subject)):
        if await ask.store.access.allowed(person, Action.CHANGE, [subject]):
            return person
    return None


async def _admins(ask: Ask) -> list[Actor]:
    found = await _living(ask, sorted(ask.store.access.policy.admins))
    return [person for person in found if ask.store.access.is_admin(person)]


async def _living(ask: Ask, user_ids: Iterable[str]) -> list[Actor]:
    others = [user_id for user_id in user_ids if user_id != ask.user_id][:ASKED_IN_TURN]
    every = [await ask.desk.people.actor(user_id, team_id=ask.team_id) for user_id in others]
    return [person for person in every if not person.outsider]


async def _real_name(ask: Ask, person: Actor) -> str:
    return (await ask.desk.people.slack_person(person.user_id)).name
