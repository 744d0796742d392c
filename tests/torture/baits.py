"""What is worth stealing: every button and form with which an admin can do what others must not.

Each is a genuine payload of the admin's, about something that is really there. The admin's own press
acts; so whoever is let through by mistake acts as well, and is seen.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Literal

from bot.sandbox.slack import View
from bot.sandbox.slack.inputs import placed
from store.weekdays import LockCode
from tests.office import STUDIO, Office
from tests.torture.payloads import Captured, pressed, submitted

__all__ = ["OPEN_TO_ALL", "Bait", "laid_out"]

OPEN_TO_ALL = frozenset(
    {
        # about nobody but whoever presses
        "check_right", "check_change", "check_later", "check_snooze", "check_snooze_date", "check_wake",
        "dismiss", "petition", "petition_weeks", "petition_undo", "petition_link",
        # these change the form that is open, or hold a line that is judged like a typed one
        "preset", "per_day", "same_hours", "copy_from", "bulk_way", "grant_whose", "remind_form", "bulk",
        "reminders_page", "who_page", "who_share",
        # what was typed into a form and outlived a restart: there is nothing in the button
        "save_again", "bulk_again", "plan_again",
    }
)  # fmt: skip
"""Buttons that hold nothing of somebody else's that could be gained."""

Shows = Literal["", "hours", "form"]
Statement = tuple[str, ...]
"""SQL, and its values."""

SET_BEN = '{"text": "set <@U0BEN> sun 1"}'
FAR = "2026-06-01T00:00:00+00:00"
UNCLEAR = (
    "INSERT INTO runs SELECT 'stolen', team_id, reminder_id, '2026-03-02', at, at, 'unclear', NULL, NULL, at,"
    " channel, NULL, NULL FROM reminders WHERE reminder_id = ?"
)
LEFT = (
    ("INSERT INTO leavers VALUES ('T0SANDBOX', 'U0ANAP', '2026-03-02T09:00:00+00:00', NULL, NULL)",),
    ("INSERT INTO grants VALUES ('T0SANDBOX', 'U0ANAP', 'everyone', 'U0OLIVIA', '2026-03-02', NULL)",),
)
MISSED = '{"code": "not_allowed", "description": "begin", "trace_id": null, "until": null}'


@dataclass(frozen=True, slots=True)
class Bait:
    """One thing to be stolen."""

    name: str
    sent: Captured
    """By the admin whose it is."""
    ready: tuple[Statement, ...] = ()
    """What has to be so in the database when this is offered."""
    lock: LockCode | None = None
    """Why the bot must not write at that time."""
    shows: Shows = ""
    """It changes nothing, and shows what is not for everybody: hours, or a form."""


async def laid_out(office: Office) -> list[Bait]:
    """Do all that leaves something to be pressed, as Olivia; and what could then be stolen from her."""
    await _acts(office)
    forms = await _forms(office)
    await office.at_rest()
    return [*_buttons(office), *forms]


# ----------------------------------------------------------------------- what is there


async def _acts(office: Office) -> None:
    """A change, a plan, a preview, a reminder, rights, and two petitions."""
    for line in (
        "managers grant <@U0MIA> everyone", "managers grant <@U0MIA> placeholders",
        "managers grant <@U0ZOE> <@U0ANA>", "set <@U0BEN> sat 2", "set <@U0BEN> sat 3", "clear <@U0BEN> sat",
        "set <@U0BEN> thu 5:33", "set <@U0MIA> <@U0BEN> tue 4",
        "set <@U0BEN> thu 5:33, fri 3 from next mon until 2030-01-04", "remind weekdays 10:00 check",
    ):  # fmt: skip
        await office.olivia.types(STUDIO, f"/hours {line}")
        await office.bot.desk.work.idle()
    before = len(office.ana.messages(STUDIO))
    await office.ana.types(STUDIO, "/hours set <@U0BEN> sun 1")
    await office.ana.click(await office.ana.sees("Ask", channel=STUDIO, after=before), "petition")
    before = len(office.tom.messages(STUDIO))
    await office.tom.types(STUDIO, "/hours me")
    await office.tom.click(await office.tom.sees("", channel=STUDIO, after=before), "petition_link")
    await office.at_rest()


async def _forms(office: Office) -> list[Bait]:
    """Filled in by Olivia, and not sent."""
    olivia, found = office.olivia, list[Bait]()

    async def opened(line: str, button: str = "") -> View:
        await olivia.types(STUDIO, f"/hours {line}")
        await office.bot.desk.work.idle()
        if button:
            shown = olivia.messages(STUDIO)[-1]
            names = [str(each.element["action_id"]) for each in placed(shown.blocks)]
            await olivia.click(shown, next(name for name in names if name.partition(":")[0] == button))
            await office.bot.desk.work.idle()
        assert olivia.modal
        return olivia.modal

    async def put_away(**fields: Any) -> None:
        assert olivia.modal
        for field, value in fields.items():
            olivia.fill(olivia.modal, field, value)
        sent = submitted(olivia, olivia.modal)
        found.append(Bait(f"{sent.name} (form)", sent))
        office.sandbox.slack.world.stacks.pop(olivia.id)

    view = await opened("edit <@U0BEN>")
    if "Working days" in view.plain:
        await olivia.click(view, "per_day")
        await office.bot.desk.work.idle()
    await put_away(Sunday="1")
    await opened("plan <@U0BEN>", "plan_edit")
    await put_away(text="fri 1")
    await opened("bulk")
    await put_away(people=["U0BEN", "U0MIA"], text="sun 2")
    await opened("managers", "managers_grant")
    await put_away(manager="U0ANAP", people=["U0BEN"])
    view = await opened("link <@U0TOM>")
    await put_away()
    view = await opened("reminders", "reminder_change")
    await put_away(when="mon")
    view = await opened("reminders", "reminder_pause")
    await put_away()
    return found


def _buttons(office: Office) -> list[Bait]:
    """Each with what it is about."""
    with closing(sqlite3.connect(office.settings.database_path)) as sql:

        def one(query: str, *values: str) -> str:
            return str(sql.execute(query, values).fetchone()[0])

        change = one("SELECT change_id FROM changes WHERE subject = 'person:503' ORDER BY rowid DESC")
        act = one("SELECT act_id FROM changes WHERE change_id = ?", change)
        plan = one("SELECT plan_id FROM plans ORDER BY rowid DESC")
        batch = one("SELECT batch_id FROM plans WHERE plan_id = ?", plan)
        first = one("SELECT first FROM plans WHERE plan_id = ?", plan)
        reminder = one("SELECT reminder_id FROM reminders ORDER BY rowid DESC")
        draft, asked, link = (
            one("SELECT draft_id FROM drafts WHERE owner = ? ORDER BY rowid DESC", owner)
            for owner in ("U0OLIVIA", "U0ANA", "U0TOM")
        )
    stands = "UPDATE changes SET state = ?, due_at = ?, trouble = NULL WHERE change_id = ?"
    later, failed, conflict = ((stands, state, FAR, change) for state in ("waiting", "failed", "conflict"))
    interrupted = ("UPDATE acts SET state = 'interrupted', request = ? WHERE act_id = ?", SET_BEN, act)
    paused = ("UPDATE reminders SET state = 'paused', next_at = NULL WHERE reminder_id = ?", reminder)
    mias = ("UPDATE reminders SET owner = 'U0MIA' WHERE reminder_id = ?", reminder)
    missed = ("UPDATE plans SET state = 'asked', trouble = ? WHERE plan_id = ?", MISSED, plan)

    def bait(
        name: str, value: str, *ready: Statement, lock: LockCode | None = None, shows: Shows = "", **more: Any
    ) -> Bait:
        return Bait(name, pressed(office.olivia, name, value, **more), ready, lock, shows)

    return [
        bait("repair", "person:503 5 3"),
        bait("edit", "person:503", shows="hours"),
        bait("look_picked", "person:503", shows="hours"),
        bait("history", "person:503", shows="hours"),
        bait("undo", act),
        bait("finish", change, failed),
        bait("overwrite", change, conflict),
        bait("keep", change, conflict),
        bait("cancel", change, later),
        bait("cancel_waiting", change, later),
        bait("apply", draft),
        bait("stop", act, later),
        bait("finish_all", act, failed),
        bait("plan_edit", plan, shows="form"),
        bait("plan_cancel", plan),
        bait("plan_cancel_all", batch),
        bait("plan_drop", f"begin:{batch}:{first}"),
        bait("plan_take", f"asked:{batch}:begin", missed),
        bait("petition_apply", asked),
        bait("petition_decline", asked),
        bait("petition_take", f"{link} 506"),
        bait("who_refresh", "0 who week <@U0BEN>", shows="hours"),
        bait("reminder_again", f"{reminder} remind <#{STUDIO}> mon 9:00 UTC check", shows="form"),
        bait("reminder_save", f"{reminder} remind <#{STUDIO}> mon 9:00 UTC check"),
        bait("reminder_change", reminder, shows="form"),
        bait("reminder_preview", reminder, shows="form"),
        bait("reminder_post", reminder),
        bait("reminder_pause", reminder, shows="form"),
        bait("reminder_paused", f"{reminder} "),
        bait("reminder_resume", reminder, paused),
        bait("reminder_delete", reminder),
        bait("run_is_there", "stolen", (UNCLEAR, reminder)),
        bait("run_post_again", "stolen", (UNCLEAR, reminder)),
        bait("run_take_over", reminder, mias),
        bait("run_resume", reminder, paused),
        bait("link_open", "U0TOM", shows="form"),
        bait("link_one", "U0TOM 506"),
        bait("unlink_one", "503"),
        bait("managers_grant", "-", shows="form"),
        bait("managers_revoke", "U0MIA everyone"),
        bait("embodied_grant", "701 503 U0MIA"),
        bait("leaver_take", "U0ANAP", *LEFT),
        bait("leaver_delete", "U0ANAP", *LEFT),
        bait("forget", "U0BEN"),
        bait("first_steps_hide", "-"),
        bait("weekdays", "yes sunday0", lock="unproven"),
        bait("compare_week", "-", lock="unproven", shows="form"),
        bait("unlock", "-", lock="moved"),
        bait("do_it_now", act, interrupted),
        bait("run", "set <@U0BEN> sun 1"),
        bait("person_picked", "U0BEN", block_id="rest:set <@> sun 1"),
        Bait("bulk_preview (form)", _preview(office, draft)),
    ]


def _preview(office: Office, draft: str) -> Captured:
    sent = pressed(office.olivia, "x", "")
    view = {
        "id": "V1", "type": "modal", "callback_id": "bulk_preview", "private_metadata": draft,
        "title": {"type": "plain_text", "text": "x"}, "state": {"values": {}},
    }  # fmt: skip
    for name in ("actions", "container", "channel", "response_url"):
        del sent.payload[name]
    sent.payload.update(type="view_submission", view=view, response_urls=[])
    return sent
