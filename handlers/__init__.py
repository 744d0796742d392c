"""What people see. How a command travels, at one glance:

Slack -> entrances (parse, record, acknowledge) -> ROUTES below -> a handler (permit, call, answer)
-> store.hours (claim, read, journal, write) -> outbox -> delivery -> Slack
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
from handlers.malformed import forgiving, unread
from handlers.routes import Button, Choices, Command, Event, Form, Route, Shortcut

__all__ = ["ROUTES", "register"]

ROUTES: tuple[Route, ...] = (
    # a week, looked at and changed
    Command(Verb.LOOK, hours.look),
    Command(Verb.PLACEHOLDERS, hours.placeholders),
    Command(Verb.SET, hours.change, writes=True),
    Command(Verb.CLEAR, hours.change, writes=True),
    Button("look_picked", hours.look_picked),
    Button("repair", hours.repair, writes=True),
    # the same in a form
    Command(Verb.EDIT, editor.open_editor),
    Shortcut("edit_my_hours", editor.open_editor),
    Button("edit", editor.open_editor),
    Button("preset", editor.preset),
    Button("per_day", editor.switch_form),
    Button("same_hours", editor.switch_form),
    Button("copy_from", editor.copy_from),
    Choices("copy_from", editor.choices),
    Form("editor", editor.said, editor.saved, "Saving …"),
    Button("save_again", editor.saved, writes=True),
    # what was done, and putting it right
    Command(Verb.UNDO, history.undo_latest, writes=True),
    Command(Verb.HISTORY, history.history),
    Button("history", history.history),
    Button("undo", history.undo, writes=True),
    Button("finish", history.finish, writes=True),
    Button("overwrite", history.overwrite, writes=True),
    Button("keep", history.give_up, writes=True),
    Button("cancel", history.give_up, writes=True),
    # many weeks at once
    Command(Verb.BULK, bulk.open_form),
    Button("bulk", bulk.open_form),
    Button("bulk_way", bulk.switch_way),
    Choices("crowds", bulk.choices),
    Form("bulk", bulk.said, bulk.prepared, "One moment …"),
    Button("bulk_again", bulk.prepared, writes=True),
    Form("bulk_preview", bulk.pressed, bulk.applied, "One moment …"),
    Button("apply", bulk.apply, writes=True),
    Button("stop", bulk.stop, keeps=True),
    Button("finish_all", bulk.finish, writes=True),
    # from a date, until a date
    Command(Verb.PLAN, plans.listed.overview),
    Button("plan_edit", plans.listed.edit),
    Form("plan", plans.listed.said, plans.listed.saved, "Saving …"),
    Button("plan_again", plans.listed.saved, writes=True),
    Button("plan_cancel", plans.listed.cancel, keeps=True),
    Button("plan_cancel_all", plans.listed.cancel_all, keeps=True),
    Button("plan_drop", plans.due.drop, keeps=True),
    Button("plan_take", plans.due.take_over, keeps=True),
    # asking those who may
    Button("petition", asking.ask_for_week, keeps=True),
    Button("petition_weeks", asking.ask_for_weeks, keeps=True),
    Button("petition_undo", asking.ask_for_undo, keeps=True),
    Button("petition_link", asking.ask_for_link, keeps=True),
    Button("petition_apply", petitions.apply, writes=True),
    Button("petition_decline", petitions.decline, keeps=True),
    Button("petition_take", petitions.link, keeps=True),
    # who works when
    Command(Verb.WHO, boards.who),
    Button("who_page", boards.page),
    Button("who_refresh", boards.refresh),
    Button("who_share", boards.share),
    # reminders: made, and looked after
    Command(Verb.REMIND, reminders.making.remind, keeps=lambda asked: not asked.action),
    Command(Verb.REMINDERS, reminders.listed.overview),
    Button("remind_form", reminders.making.open_form),
    Button("reminder_again", reminders.making.open_again),
    Button("reminders_page", reminders.listed.page),
    Choices("reminder_group", reminders.making.groups),
    Choices("reminder_zone", reminders.making.zones),
    Form("reminder", reminders.making.said, reminders.making.submitted, "Saving …", keeps=True),
    Button("reminder_save", reminders.making.save_again, keeps=True),
    Button("reminder_change", reminders.making.change),
    Button("reminder_preview", reminders.listed.preview),
    Button("reminder_post", reminders.listed.post, keeps=True),
    Button("reminder_pause", reminders.listed.pause),
    Form("reminder_pause", reminders.listed.said_pause, reminders.listed.paused, "Saving …", keeps=True),
    Button("reminder_paused", reminders.listed.paused, keeps=True),
    Button("reminder_resume", reminders.listed.resume, keeps=True),
    Button("reminder_delete", reminders.listed.delete, keeps=True),
    # what they post, answered; and what went wrong with it
    Button("check_right", reminders.checks.right, keeps=True),
    Button("check_change", reminders.checks.change),
    Button("check_later", reminders.checks.later),
    Button("check_snooze", reminders.checks.snooze, keeps=True),
    Button("check_snooze_date", reminders.checks.snooze, keeps=True),
    Button("check_wake", reminders.checks.wake, keeps=True),
    Button("run_is_there", reminders.due.is_there, keeps=True),
    Button("run_post_again", reminders.due.post_again, keeps=True),
    Button("run_take_over", reminders.due.take_over, keeps=True),
    Button("run_resume", reminders.due.resume, keeps=True),
    # who is who, and who may what
    Command(Verb.LINK, links.link, keeps=lambda asked: asked.focus_id is not None),
    Command(Verb.UNLINK, links.unlink, keeps=lambda _: True),
    Command(Verb.LINKS, links.overview),
    Button("link_open", links.open_picker),
    Choices("focus_user", links.choices),
    Form("link", links.said, links.picked, "Linking …", keeps=True),
    Button("link_one", links.link_one, keeps=True),
    Button("unlink_one", links.unlink_one, keeps=True),
    Event("user_change", links.user_changed),
    Command(Verb.MANAGERS, managers.managers, keeps=lambda asked: asked.action != "list"),
    Button("managers_grant", managers.open_form),
    Button("grant_whose", managers.switch_whose),
    Choices("grant_group", managers.groups),
    Form("grant", managers.said, managers.submitted, "Granting …", keeps=True),
    Button("managers_revoke", managers.revoke_pressed, keeps=True),
    Button("embodied_grant", checkups.move_right, keeps=True),
    Button("leaver_take", leavers.take_over, keeps=True),
    Button("leaver_delete", leavers.delete, keeps=True),
    Command(Verb.MY_DATA, personal.my_data),
    Button("forget", personal.forget, keeps=True),
    # the bot itself
    Command(Verb.HELP, topics.help_),
    Event("app_mention", topics.mentioned),
    Button("dismiss", topics.dismiss),
    Event("app_home_opened", home.opened),
    Button("first_steps_hide", home.hide_first_steps),
    Command(Verb.STATUS, status.status),
    Button("weekdays", weekdays.answered, keeps=True),
    Button("unlock", weekdays.unlock, keeps=True),
)


def register(app: AsyncApp, desk: Desk) -> Entrances:
    """Attach every entrance to Bolt; which route it takes is decided by the table above."""
    doors = Entrances(desk, ROUTES)
    app.error(unread)
    anything = re.compile("")
    app.command(desk.command)(forgiving(doors.command))
    app.action(anything)(forgiving(doors.press))
    app.view(anything)(forgiving(doors.submit))
    app.view_closed(anything)(forgiving(doors.closed))
    app.options(anything)(forgiving(doors.options))
    app.shortcut(anything)(forgiving(doors.shortcut))
    app.event("message")(forgiving(doors.message))
    for route in ROUTES:
        if isinstance(route, Event):
            app.event(route.type)(forgiving(doors.event))
    return doors
