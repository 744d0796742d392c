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
    checks,
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
    planned,
    plans,
    reminders,
    reminding,
    runs,
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
    Command(Verb.PLAN, plans.plans),
    Command(Verb.WHO, boards.who),
    Command(Verb.BULK, bulk.open_form),
    Command(Verb.REMIND, reminding.remind),
    Command(Verb.REMINDERS, reminders.reminders),
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
    Button("plan_edit", plans.edit),
    Button("plan_cancel", plans.cancel),
    Button("plan_cancel_all", plans.cancel_all),
    Button("plan_again", plans.save_again, writes=True),
    Button("check_right", checks.right),
    Button("check_change", checks.change),
    Button("check_later", checks.later),
    Button("check_snooze", checks.snooze),
    Button("check_snooze_date", checks.snooze),
    Button("check_wake", checks.wake),
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
    Button("run_is_there", runs.is_there),
    Button("run_post_again", runs.post_again),
    Button("run_take_over", runs.take_over),
    Button("run_resume", runs.resume),
    Button("leaver_delete", leavers.delete),
    Button("forget", personal.forget),
    Button("first_steps_hide", home.hide_first_steps),
    Button("plan_drop", planned.drop),
    Button("plan_take", planned.take_over),
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
    Button("remind_form", reminding.open_form),
    Button("reminder_preview", reminders.preview),
    Button("reminder_post", reminders.post, writes=True),
    Button("reminder_pause", reminders.pause),
    Button("reminder_paused", reminders.paused, writes=True),
    Button("reminder_resume", reminders.resume, writes=True),
    Button("reminder_change", reminding.change),
    Button("reminder_save", reminding.save_again, writes=True),
    Button("reminder_delete", reminders.delete, writes=True),
    Button("weekdays", weekdays.answered),
    Button("unlock", weekdays.unlock),
    Form("editor", editor.validate, editor.said, editor.saving, editor.saved),
    Form("grant", managers.validate, managers.said, managers.saving, managers.submitted),
    Form("link", links.validate, links.said, links.saving, links.picked),
    Form("plan", plans.validate, plans.said, plans.saving, plans.saved),
    Form("bulk", bulk.validate, bulk.said, bulk.saving, bulk.prepared),
    Form("bulk_preview", bulk.validate_nothing, bulk.pressed, bulk.saving, bulk.applied),
    Form("reminder", reminding.validate, reminding.said, reminding.saving, reminding.submitted),
    Form(
        "reminder_pause",
        reminders.validate_pause,
        reminders.said_pause,
        reminding.saving,
        reminders.paused,
    ),
    Choices("crowds", bulk.choices),
    Choices("reminder_group", reminding.groups),
    Choices("reminder_zone", reminding.zones),
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
