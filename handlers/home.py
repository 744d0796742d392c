"""App Home: my week, kept true while somebody has it open.

Who has opened it is known to this process only; after a restart Slack asks anew at the next opening.
"""

from __future__ import annotations

import logging

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.models.views import View

from handlers.asked import Me
from handlers.attempts import in_lane
from handlers.desk import Ask, Desk
from handlers.people import NotLinkedError
from handlers.replies import explain, focus_trouble
from handlers.views import home as views
from handlers.views.blocks import Reply
from handlers.work import Lane
from store.access import Action, Actor, NotAllowedError, Permit
from store.act import Place
from store.directory import Entry
from store.focus import FocusError
from store.hours import Look

__all__ = ["opened", "publish", "refresh"]

log = logging.getLogger(__name__)


async def opened(ask: Ask) -> None:
    """``app_home_opened``: the week at once if it is known, else as soon as Focus has answered."""
    if ask.view.get("tab") != "home":
        return
    ask.desk.home_readers.add(ask.user_id)
    if not await _glance(ask):
        await _put(ask, views.loading())
        in_lane(Lane.FOCUS, ask, _read)


async def publish(desk: Desk, user_id: str) -> None:
    """Put this person's Home up to date; asks Focus only if nothing fresh is known."""
    ask = Ask(desk=desk, user_id=user_id, team_id=desk.store.team_id, place=Place("home"), act_id="")
    if not await _glance(ask):
        in_lane(Lane.FOCUS, ask, _read)


async def refresh(desk: Desk, *user_ids: str) -> None:
    """Something was told to these people: whoever of them has opened Home sees it there too."""
    for user_id in desk.home_readers.intersection(user_ids):
        await publish(desk, user_id)


async def _glance(ask: Ask) -> bool:
    """Show what is known without Focus; ``False`` if something has to be read first."""
    return await _shown(ask, from_focus=False)


async def _read(ask: Ask) -> None:
    await _shown(ask, from_focus=True)


async def _shown(ask: Ask, *, from_focus: bool) -> bool:
    try:
        actor = await ask.actor()
        if actor.guest and not ask.store.access.policy.guests_see_own:
            await _put(ask, views.nothing_for_guests())
            return True
        entry = await ask.desk.people.subject(Me(), asker=ask.user_id)
        permit = await ask.store.access.may(actor, Action.SEE, entry.subject)
        look = await _look(ask, permit, from_focus=from_focus)
        if look:
            await _put(ask, await _week(ask, actor, entry, look))
    except (NotLinkedError, NotAllowedError) as error:
        await _put(ask, views.problem(await explain(error, ask), command=ask.desk.command))
        return True
    except FocusError as error:
        await _put(ask, views.problem(Reply.saying(focus_trouble(error)), command=ask.desk.command))
        return True
    except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
        # Home is looked at, not waited for: the next opening, or the next change, mends it.
        log.warning("Home of %s was not published: %s", ask.user_id, error)
        return True
    return look is not None


async def _look(ask: Ask, permit: Permit, *, from_focus: bool) -> Look | None:
    return await (ask.store.hours.look(permit) if from_focus else ask.store.hours.glance(permit))


async def _week(ask: Ask, actor: Actor, entry: Entry, look: Look) -> View:
    try:
        await ask.store.access.may(actor, Action.CHANGE, entry.subject)
    except NotAllowedError:
        may_change = False
    else:
        may_change = True
    return views.week(
        entry,
        look.snapshot,
        act=await ask.store.journal.latest(entry.subject),
        reader=ask.user_id,
        now=ask.desk.clock.now(),
        may_change=may_change,
        command=ask.desk.command,
        trouble=focus_trouble(look.trouble) if look.trouble else "",
    )


async def _put(ask: Ask, view: View) -> None:
    await ask.desk.slack.views_publish(user_id=ask.user_id, view=view)
