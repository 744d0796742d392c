"""The table of permissions at every entrance, and what is left of a right that is gone.

Payloads are sent as Slack would bring them, so that a button that is not shown hides nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack import Human
from tests.office import STUDIO, Office
from tests.torture.offices import abused
from tests.torture.payloads import Captured, pressed, submitted
from tests.torture.scores import Score, heard
from tests.torture.sending import deliver, send
from tests.torture.stolen import snapshot

__all__ = ["rights"]

ROLES = {
    "member": ("U0ANA", 501),
    "manager": ("U0MIA", 504),
    "manager of one": ("U0ZOE", 507),
    "admin": ("U0OLIVIA", 505),
    "guest": ("U0GUEST", 509),
    "stranger": ("U0STRANGER", 508),
    "unlinked": ("U0TOM", 506),
    "gone": ("U0ANAP", 502),
}
"""Who they are in Slack, and whose week in Focus is theirs, or would be."""

OTHERS = {"Ben": ("<@U0BEN>", "person:503"), "a placeholder": ("ghost:701", "placeholder:701")}

MAY = {
    ("member", "oneself"),
    ("manager", "oneself"),
    ("manager", "Ben"),
    ("manager of one", "oneself"),
    ("admin", "oneself"),
    ("admin", "Ben"),
    ("admin", "a placeholder"),
    ("guest", "oneself"),
}
"""Who may change whose week, whichever way they come."""


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt to set somebody's Sunday."""

    human: Human
    whom: str
    """As it is typed."""
    key: str
    what: str
    may: bool


Enter = Callable[[Office, Captured, Try], Awaitable[object]]
"""Comes in by one way; the captured payload is an editor that is filled in."""


async def rights(score: Score) -> None:
    """All roles by all entrances to all subjects; then everything that is left when a right is gone."""
    async with abused() as office, heard() as told:
        await _peopled(office)
        form = await _editor(office)
        there = await snapshot(office)
        for name, enter in ENTRANCES.items():
            # Whoever may not comes together with all the others, whoever may comes alone.
            tries = list(_attempts(office, only_oneself=name == "shortcut"))
            alone = [[each] for each in tries if each.may]
            for group in ([each for each in tries if not each.may], *alone):
                await asyncio.gather(*(enter(office, form, each) for each in group))
                await office.at_rest()
                for each in group:
                    score.tried += 1
                    if (wrote := _sunday(office, each.key) is not None) != each.may:
                        score.wrong.append(f"{name}, {each.what}: {'wrote' if wrote else 'could not'}")
                office.sandbox.slack.world.stacks.clear()
                await there.put_back(office)
    score.wrong += told.unhandled
    for loses in LOSES:
        await _left_over(score, loses)


def _attempts(office: Office, *, only_oneself: bool) -> Iterator[Try]:
    for role, (user_id, number) in ROLES.items():
        human = office.slack.human(user_id)
        yield Try(human, "me", f"person:{number}", f"{role} to oneself", may=(role, "oneself") in MAY)
        for subject, (whom, key) in () if only_oneself else OTHERS.items():
            yield Try(human, whom, key, f"{role} to {subject}", may=(role, subject) in MAY)


def _sunday(office: Office, key: str) -> object:
    kind, _, number = key.partition(":")
    return office.focus.week("user" if kind == "person" else "ghost", int(number)).get(7)


async def _peopled(office: Office) -> None:
    """A guest with a week, managers, somebody who has been deactivated; nobody has a Sunday."""
    for number in list(office.focus.book.people):
        office.focus.put_rows("user", number, {7: None})
    office.focus.add_person("Gus Guest", email="gus@example.com")
    await office.later(seconds=700)  # the list of Focus's users may be read again
    await office.make_manager()
    await office.olivia.types(STUDIO, "/hours managers grant <@U0ZOE> <@U0ANA>")
    for line in ("set <@U0BEN> sat 2", "set <@U0BEN> sat 3", "clear <@U0BEN> sat"):  # the first is read back
        await office.olivia.types(STUDIO, f"/hours {line}")
        await office.bot.desk.work.idle()
    await office.slack.human("U0GUEST").types(STUDIO, "/hours")
    await office.bot.desk.work.idle()
    await office.slack.change_user("U0ANAP", deleted=True)
    await office.at_rest()


# ------------------------------------------------------------------------- entrances


async def _typed(office: Office, _: Captured, each: Try) -> None:
    payload = {
        "command": "/hours", "text": f"set {each.whom} sun 1", "user_id": "", "user_name": "", "team_id": "",
        "channel_id": STUDIO, "channel_name": "studio", "trigger_id": "", "response_url": "",
    }  # fmt: skip
    await send(office, Captured("slash_commands", payload), by=each.human.id)


async def _said(office: Office, _: Captured, each: Try) -> None:
    event = {
        "type": "message", "channel_type": "im", "channel": each.human.dm, "user": each.human.id,
        "text": f"set {each.whom} sun 1", "ts": "1.2",
    }  # fmt: skip
    outside = {
        "type": "event_callback", "team_id": each.human._acts.person.team_id, "event": event,
        "event_id": office.sandbox.slack.world.id("Ev"),
    }  # fmt: skip
    await deliver(office, "events_api", outside)


async def _button(office: Office, _: Captured, each: Try) -> None:
    await send(office, pressed(each.human, "run", f"set {each.whom} sun 1"), by=each.human.id)


async def _modal(office: Office, form: Captured, each: Try) -> None:
    await send(office, _about(form, each.key), by=each.human.id)


async def _home(office: Office, _: Captured, each: Try) -> None:
    """*Edit* in Home, and the form that it opens."""
    press = pressed(each.human, "edit", each.key)
    for name in ("channel", "response_url"):
        del press.payload[name]
    press.payload.update(container={"type": "view", "view_id": "V1"}, view={"id": "V1", "type": "home"})
    await send(office, press, by=each.human.id)
    await _save(office, each.human)


async def _shortcut(office: Office, _: Captured, each: Try) -> None:
    await each.human.shortcut("edit_my_hours")
    await office.bot.desk.work.idle()
    await _save(office, each.human)


ENTRANCES: dict[str, Enter] = {
    "typed": _typed, "message": _said, "button": _button, "modal": _modal, "Home": _home,
    "shortcut": _shortcut,
}  # fmt: skip


async def _save(office: Office, human: Human) -> None:
    """Sunday in the form in sight, where there is one."""
    if await _filled(office, human):
        await human.submit()
        await office.bot.desk.work.idle()


async def _filled(office: Office, human: Human) -> bool:
    if human.modal and "Working days" in human.modal.plain:
        await human.click(human.modal, "per_day")
        await office.bot.desk.work.idle()
    if human.modal is None or not human.modal.submit:
        return False
    human.fill(human.modal, "Sunday", "1")
    return True


async def _editor(office: Office) -> Captured:
    """Ben's week in Olivia's form, with another Sunday."""
    await office.olivia.types(STUDIO, "/hours edit <@U0BEN>")
    await office.bot.desk.work.idle()
    assert await _filled(office, office.olivia)
    assert office.olivia.modal
    form = submitted(office.olivia, office.olivia.modal)
    office.sandbox.slack.world.stacks.clear()
    return form


def _about(form: Captured, key: str) -> Captured:
    """The same form about somebody else."""
    payload: dict[str, Any] = deepcopy(form.payload)
    held = json.loads(payload["view"]["private_metadata"])
    payload["view"]["private_metadata"] = json.dumps([key, *held[1:]])
    return Captured("interactive", payload)


# ------------------------------------------------------------------- what is left over


async def _keeps(_: Office) -> None:
    """Nothing is taken away: all of it has to act."""


async def _revoked(office: Office) -> None:
    await office.olivia.types(STUDIO, "/hours managers revoke <@U0MIA>")


async def _made_guest(office: Office) -> None:
    await office.slack.change_user("U0MIA", is_restricted=True)


async def _deactivated(office: Office) -> None:
    await office.slack.change_user("U0MIA", deleted=True)


LOSES = (_keeps, _revoked, _made_guest, _deactivated)


async def _left_over(score: Score, loses: Callable[[Office], Awaitable[None]]) -> None:
    """A manager's Undo, preview, form, waiting change and plan, from before the right was lost."""
    async with abused() as office, heard() as told:
        await _peopled(office)
        mia, may = office.mia, loses is _keeps
        await mia.types(STUDIO, "/hours set <@U0BEN> fri 4")
        undo = await mia.sees("Fri not set → 4 h", channel=STUDIO)
        await mia.types(STUDIO, "/hours set <@U0BEN> <@U0ANA> tue 1")
        preview = await mia.sees("Nothing is written yet.", channel=STUDIO)
        await mia.types(STUDIO, "/hours edit <@U0BEN>")
        await office.bot.desk.work.idle()
        assert await _filled(office, mia)
        await mia.types(STUDIO, "/hours set <@U0BEN> thu 1 from tomorrow until 2026-03-20")
        await office.bot.desk.work.idle()
        office.focus.quota.limit = 30
        office.focus.quota.exhaust()
        await mia.types(STUDIO, "/hours set <@U0BEN> wed 2")
        await mia.sees("waits", channel=mia.dm)
        office.focus.quota.limit = 10**9
        await loses(office)
        await office.at_rest()

        async def tried(what: str, doing: Awaitable[object]) -> None:
            before = office.focus_week(503), office.focus_week(501)
            await doing
            await office.bot.desk.work.idle()
            await office.at_rest()
            score.tried += 1
            wrote = (office.focus_week(503), office.focus_week(501)) != before
            if wrote != may:
                name = loses.__name__.strip("_")
                score.wrong.append(f"{what} of a manager ({name}): {'wrote' if wrote else 'did nothing'}")

        await tried("waiting change", office.later(seconds=3700))
        await tried("open form", mia.submit())
        await tried("preview", mia.click(preview, "apply"))
        await tried("Undo", mia.click(undo, "undo"))
        await tried("plan", office.later(seconds=86400))
    score.wrong += told.unhandled
