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
    Command(Verb.LINK, links.link, keeps=lambda asked: asked.focus_id is not None),
    Command(Verb.UNLINK, links.unlink, keeps=lambda _: True),
    Command(Verb.LINKS, links.overview),
    Command(Verb.MANAGERS, managers.managers, keeps=lambda asked: asked.action != "list"),
    Command(Verb.PLAN, plans.listed.overview),
    Command(Verb.WHO, boards.who),
    Command(Verb.BULK, bulk.open_form),
    Command(Verb.REMIND, reminders.making.remind, keeps=lambda asked: not asked.action),
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
    Button("stop", bulk.stop, keeps=True),
    Button("finish_all", bulk.finish, writes=True),
    Button("save_again", editor.save_again, writes=True),
    Button("plan_edit", plans.listed.edit),
    Button("plan_cancel", plans.listed.cancel, keeps=True),
    Button("plan_cancel_all", plans.listed.cancel_all, keeps=True),
    Button("plan_again", plans.listed.save_again, writes=True),
    Button("check_right", reminders.checks.right, keeps=True),
    Button("check_change", reminders.checks.change),
    Button("check_later", reminders.checks.later),
    Button("check_snooze", reminders.checks.snooze, keeps=True),
    Button("check_snooze_date", reminders.checks.snooze, keeps=True),
    Button("check_wake", reminders.checks.wake, keeps=True),
    Button("dismiss", topics.dismiss),
    Button("preset", editor.preset),
    Button("per_day", editor.switch_form),
    Button("same_hours", editor.switch_form),
    Button("copy_from", editor.copy_from),
    Button("link_open", links.open_picker),
    Button("link_one", links.link_one, keeps=True),
    Button("unlink_one", links.unlink_one, keeps=True),
    Button("embodied_grant", checkups.move_right, keeps=True),
    Button("leaver_take", leavers.take_over, keeps=True),
    Button("run_is_there", reminders.due.is_there, keeps=True),
    Button("run_post_again", reminders.due.post_again, keeps=True),
    Button("run_take_over", reminders.due.take_over, keeps=True),
    Button("run_resume", reminders.due.resume, keeps=True),
    Button("leaver_delete", leavers.delete, keeps=True),
    Button("forget", personal.forget, keeps=True),
    Button("first_steps_hide", home.hide_first_steps),
    Button("plan_drop", plans.due.drop, keeps=True),
    Button("plan_take", plans.due.take_over, keeps=True),
    Button("petition", asking.ask_for_week, keeps=True),
    Button("petition_weeks", asking.ask_for_weeks, keeps=True),
    Button("petition_undo", asking.ask_for_undo, keeps=True),
    Button("petition_link", asking.ask_for_link, keeps=True),
    Button("petition_apply", petitions.apply, writes=True),
    Button("petition_decline", petitions.decline, keeps=True),
    Button("petition_take", petitions.link, keeps=True),
    Button("managers_revoke", managers.revoke_pressed, keeps=True),
    Button("managers_grant", managers.open_form),
    Button("grant_whose", managers.switch_whose),
    Button("remind_form", reminders.making.open_form),
    Button("reminder_preview", reminders.listed.preview),
    Button("reminder_post", reminders.listed.post, keeps=True),
    Button("reminder_pause", reminders.listed.pause),
    Button("reminder_paused", reminders.listed.paused, keeps=True),
    Button("reminder_resume", reminders.listed.resume, keeps=True),
    Button("reminder_change", reminders.making.change),
    Button("reminder_save", reminders.making.save_again, keeps=True),
    Button("reminder_delete", reminders.listed.delete, keeps=True),
    Button("weekdays", weekdays.answered, keeps=True),
    Button("unlock", weekdays.unlock, keeps=True),
    Form("editor", editor.validate, editor.said, editor.saving, editor.saved),
    Form("grant", managers.validate, managers.said, managers.saving, managers.submitted, keeps=True),
    Form("link", links.validate, links.said, links.saving, links.picked, keeps=True),
    Form("plan", plans.listed.validate, plans.listed.said, plans.listed.saving, plans.listed.saved),
    Form("bulk", bulk.validate, bulk.said, bulk.saving, bulk.prepared),
    Form("bulk_preview", bulk.validate_nothing, bulk.pressed, bulk.saving, bulk.applied),
    Form(
        "reminder",
        reminders.making.validate,
        reminders.making.said,
        reminders.making.saving,
        reminders.making.submitted,
        keeps=True,
    ),
    Form(
        "reminder_pause",
        reminders.listed.validate_pause,
        reminders.listed.said_pause,
        reminders.making.saving,
        reminders.listed.paused,
        keeps=True,
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
