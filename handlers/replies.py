"""Turn every expected error into one plain sentence that says what to do.

Features that refuse without an exception word their own refusals.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from slack_sdk.models.blocks import Block

from handlers import asking
from handlers.asked import Channel, Group, Here, Problem, Quoted, UnescapedMention, Verb, echoed
from handlers.channels import ChannelUnfitError
from handlers.desk import Ask
from handlers.offers import offered
from handlers.progress import Progress, progress_of
from handlers.slack_errors import SLACK_TROUBLE, NotToldError
from handlers.subjects import NeedsPickerError, NoSuchSubjectError, NotLinkedError, SeveralSubjectsError
from handlers.views import problems
from handlers.views.blocks import Reply, escape, mention
from handlers.views.plans import shown as plan_views
from handlers.views.reminders import shown as reminder_views
from handlers.views.troubles import focus_trouble
from handlers.views.week import Who
from store.access import NotAllowedError, Refusal
from store.changing import SubjectBusyError
from store.database import DatabaseUnusableError
from store.directory import Entry
from store.drafts import DraftOverError
from store.focus import FocusError
from store.hours import AlreadyUndoneError, DaysOverError, NotCurrentError
from store.journal import ActOverError
from store.links import AlreadyLinkedError
from store.personal import UnsettledError
from store.plans import OverlapError, PlanOverError, PlanUnderWayError
from store.reminders import ReminderGoneError
from store.weekdays import WritesLockedError

__all__ = ["EXPECTED", "MENDABLE", "explain", "unexpected", "unreadable"]

_Worded = Callable[[Any, Ask], Awaitable[Reply]]
"""Words the errors of one kind."""


async def explain(error: Exception, ask: Ask) -> Reply:
    """The reply for an error of :data:`EXPECTED`; any other error is raised again."""
    for kind, worded in _WORDED.items():
        if isinstance(error, kind):
            return await worded(error, ask)
    raise error


def unexpected(incident: str) -> Reply:
    """The reply for an unexpected error, with the incident's id."""
    return Reply.saying(
        f"Something unexpected went wrong (incident `{incident}`)."
        " If you were changing a week, check it before you try again."
        " Whoever runs this bot can find the details in the log under this number."
    )


def unreadable(command: str) -> Reply:
    """The reply for a button or form whose value cannot be decoded."""
    return Reply.saying(
        "I can’t read what this button or form contains; it may come from an older version of me."
        f" Type `{command}` and start there."
    )


# ------------------------------------------------------------------ one kind each


def _always(sentence: str) -> _Worded:
    async def worded(_: Exception, __: Ask) -> Reply:
        return Reply.saying(sentence)

    return worded


async def _problem(error: Problem, ask: Ask) -> Reply:
    try:
        found = await offered(error, ask)
    except Problem as other:
        found = other
    except (NotAllowedError, *SLACK_TROUBLE):
        found = error
    return problems.problem(found, command=ask.desk.command)


async def _not_linked(error: NotLinkedError, ask: Ask) -> Reply:
    is_admin = await _is_admin(ask)
    reply = problems.not_linked(
        error.user_id,
        is_asker=error.is_asker,
        standing=error.standing,
        parted=error.parted,
        unconfirmed=error.unconfirmed,
        command=ask.desk.command,
        admins=ask.store.access.admins,
        asker_is_admin=is_admin,
    )
    if is_admin or not error.is_asker:
        return reply
    return await _and_offer(reply, asking.offer_link(ask))


async def _is_admin(ask: Ask) -> bool:
    """Whether the asker is an admin; ``False`` if Slack does not return their profile."""
    try:
        return ask.store.access.is_admin(await ask.actor())
    except (NotAllowedError, *SLACK_TROUBLE):
        return False


async def _no_such(error: NoSuchSubjectError, ask: Ask) -> Reply:
    return problems.no_such(error.name, command=ask.desk.command)


async def _several(error: SeveralSubjectsError, ask: Ask) -> Reply:
    return problems.several(error.name, error.entries, asked=ask.asked)


async def _not_allowed(error: NotAllowedError, ask: Ask) -> Reply:
    entry = await ask.store.directory.entry(error.subject) if error.subject else None
    own = ask.store.access.policy.guests_see_own
    text = problems.not_allowed(error, entry, command=ask.desk.command, guests_see_own=own)
    return await _and_offer(Reply.saying(text + _way_to_ask(error, ask, entry)), asking.offer(ask, error))


def _way_to_ask(error: NotAllowedError, ask: Ask, entry: Entry | None) -> str:
    """Where a form was wanted, so that there is no change yet that somebody could be asked for."""
    asks_for_form = ask.asked.verb is Verb.EDIT or ask.action in {"edit", "run:edit"}
    if not (asks_for_form and error.who_can and error.refusal in asking.ASKABLE):
        return ""
    whose = ""
    if error.refusal is not Refusal.SELF_EDIT_OFF:
        whose = f"{problems.typed(entry)} " if entry else "@name "
    return f" Type the change you want, and I offer to ask: `{ask.desk.command} set {whose}fri 4`"


async def _and_offer(reply: Reply, offered: Awaitable[tuple[Block, ...]]) -> Reply:
    """Add the offered *Ask Mia* button to the refusal, unless Slack fails to name the person."""
    try:
        return replace(reply, blocks=(*reply.blocks, *await offered))
    except SLACK_TROUBLE:
        return reply


async def _focus(error: FocusError, ask: Ask) -> Reply:
    so = " Nothing was changed." if await progress_of(ask) is Progress.NOTHING else ""
    return Reply.saying(f"{focus_trouble(error)}{so}")


async def _locked(error: WritesLockedError, ask: Ask) -> Reply:
    admins = ask.store.access.admins
    return problems.locked(error.lock, admins=admins, asker_is_admin=await _is_admin(ask))


async def _already_undone(error: AlreadyUndoneError, ask: Ask) -> Reply:
    who = error.act.undone_by_actor
    by = "you" if who == ask.user_id else mention(who) if who else "somebody"
    return Reply.saying(f"Already undone by {by}. Nothing more was changed.")


async def _days_over(error: DaysOverError, _: Ask) -> Reply:
    return plan_views.days_over(error.plan)


async def _over(error: DraftOverError, ask: Ask) -> Reply:
    draft = error.draft
    if draft and draft.decided_by:
        by = "you" if draft.decided_by == ask.user_id else mention(draft.decided_by)
        return Reply.saying(f"This has already been decided, by {by}. Nothing was done twice.")
    return Reply.saying("This is too old, so I did nothing. Ask again.")


async def _already_linked(error: AlreadyLinkedError, ask: Ask) -> Reply:
    link = error.link
    return Reply.saying(
        f"{mention(link.slack_user_id)} is already linked to Focus user {link.focus_user_id}."
        f" Unlink them first: `{ask.desk.command} unlink` with their name."
    )


async def _channel_unfit(error: ChannelUnfitError, _: Ask) -> Reply:
    return Reply.saying(error.sentence)


async def _reminder_gone(_: ReminderGoneError, __: Ask) -> Reply:
    return reminder_views.gone()


async def _unsettled(error: UnsettledError, _: Ask) -> Reply:
    what = "One of their changes is" if error.changes == 1 else f"{error.changes} of their changes are"
    return Reply.saying(
        f"{what} still in progress or waiting, so I deleted nothing."
        " Cancel what is waiting, or try again when it is done."
    )


async def _overlap(error: OverlapError, ask: Ask) -> Reply:
    entry = await ask.store.directory.entry_or_id(error.subject)
    return plan_views.overlap(error.plan, Who.of(entry, reader=ask.user_id), reader=ask.user_id)


async def _plan_over(error: PlanOverError, ask: Ask) -> Reply:
    return plan_views.over(error.plan, reader=ask.user_id)


async def _picker(error: NeedsPickerError, ask: Ask) -> Reply:
    match error.ref:
        case Here() if ask.asked.verb is Verb.LOOK:
            return problems.as_board(replace(ask.asked, subjects=()), reader=ask.user_id)
        case Here(word=word):
            text = (
                f"I don’t take `@{escape(word)}` for everybody. For many weeks at once, name a @group or a"
                f" #channel, or open the form: `{ask.desk.command} bulk`."
            )
        case Quoted(name=name):
            text = f"No placeholder is called “{escape(echoed(name))}”."
        case UnescapedMention(name=name):
            text = f"Slack did not tell me who `@{escape(echoed(name))}` is."
        case Group() | Channel() if ask.asked.verb is Verb.LOOK:
            return problems.as_board(ask.asked, reader=ask.user_id)
        case Group() | Channel():
            text = "I do this for one person at a time, not for a whole group or channel."
        case _:
            text = "I don’t know who you mean."
    return problems.pick_person(text, whom=error.ref, asked=ask.asked)


_WILL_BE_TOLD = "I’ll tell you in a direct message what became of your change."

_SILENT = "Slack did not answer me properly just now"

_not_told = _always(
    f"{_SILENT}. If you were changing a week, I’ll tell you in a direct message what became of it;"
    " otherwise try again."
)


async def _slack_silent(error: Exception, ask: Ask) -> Reply:
    """Slack failed while it was asked something, which may have been before a change began, or after."""
    match await progress_of(ask):
        case Progress.UNRECORDED:
            return Reply.saying(f"{_SILENT}. Try again in a moment.")
        case Progress.NOTHING:
            return Reply.saying(f"{_SILENT}, so nothing was changed. Try again in a moment.")
        case Progress.BEGUN:
            return Reply.saying(f"{_SILENT}. {_WILL_BE_TOLD}")
        case Progress.UNKNOWN:
            return await _not_told(error, ask)


async def _database(_: DatabaseUnusableError, ask: Ask) -> Reply:
    match await progress_of(ask):
        case Progress.BEGUN:
            so = f". {_WILL_BE_TOLD} I’ll go on"
        case Progress.UNKNOWN:
            so = ", so I can’t tell whether this was done. Look again"
        case _:
            so = ", so nothing was changed. Try again"
    return Reply.saying(
        f"I can’t save anything in my database right now{so} in a minute; if that lasts, whoever runs this"
        " bot has to check its disk."
    )


_WORDED: Mapping[type[Exception], _Worded] = {
    Problem: _problem,
    NotLinkedError: _not_linked,
    NoSuchSubjectError: _no_such,
    SeveralSubjectsError: _several,
    NeedsPickerError: _picker,
    NotAllowedError: _not_allowed,
    FocusError: _focus,
    WritesLockedError: _locked,
    SubjectBusyError: _always(
        "Somebody else is changing this week right now, so I did not touch it. Try again in a few seconds."
    ),
    AlreadyUndoneError: _already_undone,
    DaysOverError: _days_over,
    NotCurrentError: _always("This has been settled in the meantime, so I changed nothing."),
    ActOverError: _always(
        "This took so long that I had already told you that nothing was changed."
        " Press *Do it now* in that direct message."
    ),
    DraftOverError: _over,
    AlreadyLinkedError: _already_linked,
    ChannelUnfitError: _channel_unfit,
    ReminderGoneError: _reminder_gone,
    UnsettledError: _unsettled,
    OverlapError: _overlap,
    PlanOverError: _plan_over,
    PlanUnderWayError: _always(
        "This planned change is being written to Toggl Focus right now, so I left it as it is."
        " Try again in a minute."
    ),
    DatabaseUnusableError: _database,
    NotToldError: _not_told,
    **dict.fromkeys(SLACK_TROUBLE, _slack_silent),
}

EXPECTED = tuple(_WORDED)
"""The errors that user input, an outside service or a repeated press may cause."""

MENDABLE = (
    Problem,
    NotLinkedError,
    FocusError,
    WritesLockedError,
    SubjectBusyError,
    AlreadyLinkedError,
    OverlapError,
    DatabaseUnusableError,
)
"""The expected errors before which nothing was done, and after which the same form may succeed."""
