"""``/hours bulk``, and ``set`` or ``clear`` for several people: a dry run, then a queue of changes.

The dry run is computed from cached weeks (a few that were never read are read). It is stored as a draft
that *Apply* can carry out once; the presser's permissions are checked again then. One message reports
the whole queue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from slack_sdk.models.views import View

from handlers import opening
from handlers.asked import Mention, SubjectRef
from handlers.crowds import crowd
from handlers.desk import Ask, ModalClosedError
from handlers.dryruns import dry_run
from handlers.grammar import command
from handlers.malformed import UnreadableError, held
from handlers.plans.making import plan_many
from handlers.results import carry_out, say
from handlers.slack_errors import SLACK_TROUBLE
from handlers.spans import Span, earliest, narrowed, span_of, today_of
from handlers.views import bulk as form
from handlers.views import dryruns
from handlers.views.blocks import Reply
from store.access import Action, NotAllowedError
from store.act import Kind
from store.drafts import DraftKind, DraftOverError
from store.hours import Wish
from store.week import Pattern, Subject

__all__ = [
    "applied",
    "apply",
    "choices",
    "finish",
    "open_form",
    "prepared",
    "pressed",
    "said",
    "show",
    "stop",
    "switch_way",
]

LASTS = timedelta(days=1)
TO_KNOW_WHO = 1.0
"""Real seconds that the form waits to learn who asks."""


# ------------------------------------------------------------------ the form


async def open_form(ask: Ask) -> None:
    """``/hours bulk [subject …]``: open the form, with the mentioned people chosen."""
    await opening.open_form(ask, _fill, title=form.TITLE, offer=_offer)


async def _offer(ask: Ask) -> Reply:
    return form.offer(command(ask.asked) if ask.asked.subjects else "")


async def _fill(ask: Ask) -> View:
    people = [ref.user_id for ref in ask.asked.subjects if isinstance(ref, Mention)]
    return form.build(people=people, today=earliest(ask.desk.clock.now()), note=await _note(ask))


async def _note(ask: Ask) -> str:
    """What people read at once who may change nobody else's week; nothing if Slack is slow to name them."""
    try:
        async with asyncio.timeout(TO_KNOW_WHO):
            actor = await ask.actor()
    except (NotAllowedError, *SLACK_TROUBLE):
        return ""
    access = ask.store.access
    leads = access.is_admin(actor) or await access.managed_by(actor)
    return "" if leads else form.only_own(guest=actor.guest)


async def switch_way(ask: Ask) -> None:
    """Show the field of the newly chosen kind of change instead of the previous one."""
    with held():
        way, today = form.Way[ask.value], form.today_in(ask.view)
    view = form.build(way, today=today, note=await _note(ask))
    await ask.update_modal(view)


async def choices(ask: Ask) -> list[tuple[str, str]]:
    """User groups, then placeholders, whose names contain the typed text; none for guests."""
    if (await ask.actor()).guest:
        return []
    groups = await ask.desk.people.groups.named(ask.text)
    placeholders = await ask.store.directory.placeholders(ask.text)
    return [
        *((f"group:{group_id}", name) for group_id, name in groups),
        *((entry.subject.key, entry.name) for entry in placeholders),
    ]


def said(view: Mapping[str, Any]) -> dict[str, Any]:
    """The submitted form's fields, validated, in the form that is recorded.

    Raises:
        FieldError: a field is not valid.
    """
    fields = form.said(view)
    form.read(fields)
    return {"bulk": fields}


async def prepared(ask: Ask) -> None:
    """*Preview*: show the dry run in the modal, or as a message after a restart."""
    with held():
        wanted = form.read(ask.said["bulk"])
    span = span_of(wanted.first, wanted.last, today=await today_of(ask))
    await show(ask, wanted.refs, wanted.pattern or await _pattern_of(ask, wanted.source), span)


async def _pattern_of(ask: Ask, source: Subject | None) -> Pattern:
    """A pattern that copies all seven days of the source's week."""
    if source is None:
        raise LookupError("a form without a pattern and without a source")
    permit = await ask.may(Action.SEE, source)
    known = await ask.store.hours.last_known(permit) or (await ask.store.hours.look(permit)).snapshot
    return Pattern.exactly(dict(known.week))


# ------------------------------------------------------------------ the dry run


async def show(ask: Ask, refs: Sequence[SubjectRef], pattern: Pattern, span: Span) -> None:
    """Show what a pattern would do to everybody named, and store it as a draft; nothing is changed."""
    actor = await ask.actor()
    pattern = narrowed(pattern, span, asked=ask.asked)
    dry = await dry_run(ask, actor, await crowd(ask, refs), pattern, span)
    draft = None
    if dry.changing:
        draft = await ask.store.drafts.add(
            DraftKind.BULK, owner=ask.user_id, body=dryruns.kept(dry), now=ask.desk.clock.now(), lasts=LASTS
        )
    if ask.place.kind != "modal":
        await ask.answer(dryruns.message(dry, draft))
        return
    external_id = ask.view.get("external_id")
    try:
        await ask.update_modal(dryruns.view(dry, draft, title=form.TITLE, external_id=external_id))
    except ModalClosedError:
        return  # closed while the dry run was computed: nobody is waiting for it


# ------------------------------------------------------------------ carrying it out


def pressed(view: Mapping[str, Any]) -> dict[str, Any]:
    """The same payload as a press of *Apply* below a message, for the modal's submit button."""
    return {"press": "apply", "value": view["private_metadata"]}


async def applied(ask: Ask) -> None:
    """*Apply* in the modal: carry out the draft whose id the modal holds."""
    await apply(replace(ask, value=str(ask.view["private_metadata"])))


async def apply(ask: Ask) -> None:
    """*Apply to 12*: carry out the draft, once, for the subjects the person may still change."""
    draft = await ask.store.drafts.get(ask.value)
    if draft is None or draft.kind is not DraftKind.BULK or draft.owner != ask.user_id:
        raise DraftOverError(None)
    pattern, weeks = dryruns.restored(draft.body)
    span = span_of(*dryruns.dates(draft.body), today=await today_of(ask))
    permits = await ask.may_some(Action.CHANGE, weeks)
    if span.is_dated:
        await plan_many(ask, permits.values(), pattern, span, expected=weeks, draft=draft.id)
        return
    wishes = [Wish(permit, pattern, weeks[subject]) for subject, permit in permits.items()]
    await carry_out(ask, wishes, kind=Kind.BULK, draft=draft.id)


async def stop(ask: Ask) -> None:
    """*Stop*: cancel the changes of a queue that have not begun."""
    act = await ask.store.journal.act(ask.value)
    if act is None or act.actor != ask.user_id:
        raise UnreadableError(f"no queue {ask.value} of {ask.user_id}")
    await say(ask, await ask.store.hours.stop(act))


async def finish(ask: Ask) -> None:
    """*Finish 3*: try again the changes that failed, were partly written or were stopped."""
    act = await ask.store.journal.act(ask.value)
    if act is None:
        raise UnreadableError(f"no act {ask.value}")
    again = [change.subject for change in act.changes if change.can_finish]
    permits = await ask.may_some(Action.CHANGE, again)
    await say(ask, await ask.store.hours.finish(act, permits.values(), request_id=ask.act_id))
