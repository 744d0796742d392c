"""People who leave Slack: their pending work is suspended until an admin decides or they come back."""

from __future__ import annotations

from handlers import asking
from handlers.desk import Ask, Desk
from handlers.views import leavers as views
from handlers.views.blocks import Reply
from store.access import EVERYONE, GROUP, PLACEHOLDERS, Action
from store.links import SlackPerson
from store.messages import Message
from store.week import Subject

__all__ = ["delete", "look_after", "rests", "take_over", "worded"]


async def look_after(desk: Desk, *people: SlackPerson) -> None:
    """Suspend the work of those who left, and pass on what they were asked to decide; resume on return."""
    resting = await desk.store.leavers.resting()
    with_work = await desk.store.leavers.with_work()
    for person in people:
        if person.deleted and person.id in with_work:
            await _left(desk, person)
            await asking.hand_on(desk, person.id)
        elif person.id in resting and not person.deleted:
            await desk.store.leavers.came_back(person.id, now=desk.clock.now())


async def rests(desk: Desk, user_id: str) -> bool:
    """Whether a person who is no longer permitted has left Slack, so that their work is suspended."""
    person = await desk.people.slack_person(user_id)
    return person.deleted and await _left(desk, person)


async def take_over(ask: Ask) -> None:
    """*Take over*: the pending work continues in the admin's name."""
    permit = await ask.may(Action.ADMINISTER)
    taken = await ask.store.leavers.take_over(permit, ask.value, now=ask.desk.clock.now())
    await _decided(ask, taken=taken)


async def delete(ask: Ask) -> None:
    """*Delete*: cancel the leaver's pending work."""
    permit = await ask.may(Action.ADMINISTER)
    deleted = await ask.store.leavers.delete(permit, ask.value, now=ask.desk.clock.now())
    await _decided(ask, taken=deleted)


async def worded(desk: Desk, message: Message) -> Reply:
    """The message to admins about a leaver's pending work, and the decision if there is one."""
    waiting, planned, asked = [
        [await desk.store.directory.entry_or_id(Subject.parse(key)) for key in message.detail.get(kind, ())]
        for kind in ("waiting", "planned", "asked")
    ]
    scopes = [str(scope) for scope in message.detail["grants"]]
    names = {
        scope: await desk.store.directory.entry_or_id(Subject.parse(scope))
        for scope in scopes
        if scope not in {EVERYONE, PLACEHOLDERS} and not scope.startswith(GROUP)
    }
    left = views.Left(
        str(message.detail["user"]),
        str(message.detail["name"]),
        waiting,
        planned,
        asked,
        scopes,
        names,
        [str(channel) for channel in message.detail.get("reminders", ())],
    )
    return views.left(left, await desk.store.leavers.decision(left.user_id))


async def _left(desk: Desk, person: SlackPerson) -> bool:
    return await desk.store.leavers.left(
        person.id,
        name=person.name,
        tell=tuple(admin for admin in desk.store.access.admins if admin != person.id),
        now=desk.clock.now(),
    )


async def _decided(ask: Ask, *, taken: bool) -> None:
    """Answer an admin whose decision came too late; otherwise every admin's message is edited already."""
    if not taken:
        await ask.answer(views.too_late(ask.value, await ask.store.leavers.decision(ask.value)))
