"""What people see. How a command travels, at one glance:

Slack -> entrances (ask, record, acknowledge) -> ROUTES below -> a handler (parse, permit, call, answer)
-> store.hours (claim, read, journal, write) -> outbox -> receipts -> Slack
"""  # noqa: D415 - a drawing

from __future__ import annotations

import re

from slack_bolt.async_app import AsyncApp

from handlers import (
    asking,
    boards,
    bulk,
    checkups,
    editor,
    history,
    home,
    hours,
    leavers,
    links,
    managers,
    personal,
    petitions,
    plans,
    reminders,
    status,
    topics,
    weekdays,
)
from handlers.asked import Verb
from handlers.desk import Desk
from handlers.entrances import Entrances
from handlers.routes import Button, Choices, Command, Event, Form, Route, Shortcut

__all__ = ["ROUTES", "register"]

ROUTES: tuple[Route, ...] = (
    Command(Verb.LOOK, hours.look),
    Command(Verb.SET, hours.change, writes=True),
    Command(Verb.CLEAR, hours.change, writes=True),
    Command(Verb.EDIT, editor.open_editor),
    Command(Verb.PLACEHOLDERS, hours.placeholders),
    Command(Verb.UNDO, history.undo_latest, writes=True),
    Command(Verb.HISTORY, history.history),
    Command(Verb.LINK, links.link),
    Command(Verb.UNLINK, links.unlink),
    Command(Verb.LINKS, links.overview),
    Command(Verb.MANAGERS, managers.managers),
    Command(Verb.PLAN, plans.listed.overview),
    Command(Verb.WHO, boards.who),
    Command(Verb.BULK, bulk.open_form),
    Command(Verb.REMIND, reminders.making.remind),
    Command(Verb.REMINDERS, reminders.listed.overview),
    Command(Verb.MY_DATA, personal.my_data),
    Command(Verb.STATUS, status.status),
    Command(Verb.HELP, topics.help_),
    Button("edit", editor.open_editor),
    Button("history", history.history),
    Button("look_picked", hours.look_picked),
    Button("who_page", boards.page),
    Button("who_refresh", boards.refresh),
    Button("who_share", boards.share),
    Button("undo", history.undo, writes=True),
    Button("finish", history.finish, writes=True),
    Button("overwrite", history.overwrite, writes=True),
    Button("keep", history.keep, writes=True),
    Button("cancel", history.cancel, writes=True),
    Button("repair", hours.repair, writes=True),
    Button("bulk", bulk.open_form),
    Button("bulk_way", bulk.switch_way),
    Button("bulk_again", bulk.prepare_again, writes=True),
    Button("apply", bulk.apply, writes=True),
    Button("stop", bulk.stop),
    Button("finish_all", bulk.finish, writes=True),
    Button("save_again", editor.save_again, writes=True),
    Button("plan_edit", plans.listed.edit),
    Button("plan_cancel", plans.listed.cancel),
    Button("plan_cancel_all", plans.listed.cancel_all),
    Button("plan_again", plans.listed.save_again, writes=True),
    Button("check_right", reminders.checks.right),
    Button("check_change", reminders.checks.change),
    Button("check_later", reminders.checks.later),
    Button("check_snooze", reminders.checks.snooze),
    Button("check_snooze_date", reminders.checks.snooze),
    Button("check_wake", reminders.checks.wake),
    Button("dismiss", topics.dismiss),
    Button("preset", editor.preset),
    Button("per_day", editor.switch_form),
    Button("same_hours", editor.switch_form),
    Button("copy_from", editor.copy_from),
    Button("link_open", links.open_picker),
    Button("link_one", links.link_one),
    Button("unlink_one", links.unlink_one),
    Button("embodied_grant", checkups.move_right),
    Button("leaver_take", leavers.take_over),
    Button("run_is_there", reminders.due.is_there),
    Button("run_post_again", reminders.due.post_again),
    Button("run_take_over", reminders.due.take_over),
    Button("run_resume", reminders.due.resume),
    Button("leaver_delete", leavers.delete),
    Button("forget", personal.forget),
    Button("first_steps_hide", home.hide_first_steps),
    Button("plan_drop", plans.due.drop),
    Button("plan_take", plans.due.take_over),
    Button("petition", asking.ask_for_week, writes=True),
    Button("petition_weeks", asking.ask_for_weeks, writes=True),
    Button("petition_undo", asking.ask_for_undo, writes=True),
    Button("petition_link", asking.ask_for_link, writes=True),
    Button("petition_apply", petitions.apply, writes=True),
    Button("petition_decline", petitions.decline),
    Button("petition_take", petitions.link),
    Button("managers_revoke", managers.revoke_pressed),
    Button("managers_grant", managers.open_form),
    Button("grant_whose", managers.switch_whose),
    Button("remind_form", reminders.making.open_form),
    Button("reminder_preview", reminders.listed.preview),
    Button("reminder_post", reminders.listed.post, writes=True),
    Button("reminder_pause", reminders.listed.pause),
    Button("reminder_paused", reminders.listed.paused, writes=True),
    Button("reminder_resume", reminders.listed.resume, writes=True),
    Button("reminder_change", reminders.making.change),
    Button("reminder_save", reminders.making.save_again, writes=True),
    Button("reminder_delete", reminders.listed.delete, writes=True),
    Button("weekdays", weekdays.answered),
    Button("unlock", weekdays.unlock),
    Form("editor", editor.validate, editor.said, editor.saving, editor.saved),
    Form("grant", managers.validate, managers.said, managers.saving, managers.submitted),
    Form("link", links.validate, links.said, links.saving, links.picked),
    Form("plan", plans.listed.validate, plans.listed.said, plans.listed.saving, plans.listed.saved),
    Form("bulk", bulk.validate, bulk.said, bulk.saving, bulk.prepared),
    Form("bulk_preview", bulk.validate_nothing, bulk.pressed, bulk.saving, bulk.applied),
    Form(
        "reminder",
        reminders.making.validate,
        reminders.making.said,
        reminders.making.saving,
        reminders.making.submitted,
    ),
    Form(
        "reminder_pause",
        reminders.listed.validate_pause,
        reminders.listed.said_pause,
        reminders.making.saving,
        reminders.listed.paused,
    ),
    Choices("crowds", bulk.choices),
    Choices("reminder_group", reminders.making.groups),
    Choices("reminder_zone", reminders.making.zones),
    Choices("grant_group", managers.groups),
    Choices("copy_from", editor.choices),
    Choices("focus_user", links.choices),
    Event("app_home_opened", home.opened),
    Event("app_mention", topics.mentioned),
    Event("user_change", links.user_changed),
    Shortcut("edit_my_hours", editor.open_editor),
)


def register(app: AsyncApp, desk: Desk) -> Entrances:
    """Attach every entrance to Bolt; which route it takes is decided by the table above."""
    doors = Entrances(desk, ROUTES)
    anything = re.compile("")
    app.command(desk.command)(doors.command)
    app.action(anything)(doors.press)
    app.view(anything)(doors.submit)
    app.view_closed(anything)(doors.closed)
    app.options(anything)(doors.options)
    app.shortcut(anything)(doors.shortcut)
    app.event("message")(doors.message)
    for route in ROUTES:
        if isinstance(route, Event):
            app.event(route.type)(doors.event)
    return doors
