"""Everything people see in Slack: features, views and the table of routes. How a command travels:

Slack -> dispatcher (by type of payload) -> entrances (parse, record, acknowledge) -> ROUTES below
-> a handler (permit, call, answer)
-> store.hours (claim, read, journal, write) -> outbox -> delivery -> Slack
"""  # noqa: D415 - a drawing

from __future__ import annotations

from collections.abc import Sequence

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
from handlers.dispatcher import Dispatcher
from handlers.effects import Effect
from handlers.entrances import Entrances
from handlers.malformed import unread
from handlers.routes import Button, Choices, Command, Event, Form, Route, Shortcut

__all__ = ["ROUTES", "register"]

ROUTES: tuple[Route, ...] = (
    # looking at a week and changing it
    Command(Verb.LOOK, hours.look, Effect.NONE),
    Command(Verb.PLACEHOLDERS, hours.placeholders, Effect.NONE),
    Command(Verb.SET, hours.change, Effect.FOCUS),
    Command(Verb.CLEAR, hours.change, Effect.FOCUS),
    Button("look_picked", hours.look_picked, Effect.NONE),
    Button("repair", hours.repair, Effect.FOCUS),
    # editing a week in a modal
    Command(Verb.EDIT, editor.open_editor, Effect.NONE),
    Shortcut("edit_my_hours", editor.open_editor),
    Button("edit", editor.open_editor, Effect.NONE),
    Button("preset", editor.preset, Effect.NONE),
    Button("per_day", editor.switch_form, Effect.NONE),
    Button("same_hours", editor.switch_form, Effect.NONE),
    Button("copy_from", editor.copy_from, Effect.NONE),
    Choices("copy_from", editor.choices),
    Button("cancel_waiting", editor.cancel_waiting, Effect.LOCAL),
    Form("editor", editor.said, editor.saved, "Saving …", Effect.FOCUS),
    # past changes: history, undo, finish, conflicts
    Command(Verb.UNDO, history.undo_latest, Effect.FOCUS),
    Command(Verb.REDO, history.redo_latest, Effect.FOCUS),
    Command(Verb.HISTORY, history.history, Effect.NONE),
    Button("history", history.history, Effect.NONE),
    Button("undo", history.undo, Effect.FOCUS),
    Button("finish", history.finish, Effect.FOCUS),
    Button("overwrite", history.overwrite, Effect.FOCUS),
    Button("keep", history.give_up, Effect.FOCUS),
    Button("cancel", history.give_up, Effect.FOCUS),
    # many weeks at once
    Command(Verb.BULK, bulk.open_form, Effect.NONE),
    Button("bulk", bulk.open_form, Effect.NONE),
    Button("bulk_way", bulk.switch_way, Effect.NONE),
    Choices("crowds", bulk.choices),
    Form("bulk", bulk.said, bulk.prepared, "One moment …", Effect.FOCUS),
    Form("bulk_preview", bulk.pressed, bulk.applied, "One moment …", Effect.FOCUS),
    Button("apply", bulk.apply, Effect.FOCUS),
    Button("stop", bulk.stop, Effect.LOCAL),
    Button("finish_all", bulk.finish, Effect.FOCUS),
    # changes planned for a date range
    Command(Verb.PLAN, plans.listed.overview, Effect.NONE),
    Button("plan_edit", plans.listed.edit, Effect.NONE),
    Form("plan", plans.listed.said, plans.listed.saved, "Saving …", Effect.FOCUS),
    Button("plan_cancel", plans.listed.cancel, Effect.LOCAL),
    Button("plan_cancel_all", plans.listed.cancel_all, Effect.LOCAL),
    Button("plan_drop", plans.due.drop, Effect.LOCAL),
    Button("plan_take", plans.due.take_over, Effect.LOCAL),
    # asking a manager or an admin for a change (petitions)
    Button("petition", asking.ask_for_week, Effect.LOCAL),
    Button("petition_weeks", asking.ask_for_weeks, Effect.LOCAL),
    Button("petition_undo", asking.ask_for_undo, Effect.LOCAL),
    Button("petition_link", asking.ask_for_link, Effect.LOCAL),
    Button("petition_apply", petitions.apply, Effect.FOCUS),
    Button("petition_decline", petitions.decline, Effect.LOCAL),
    Button("petition_take", petitions.link, Effect.LOCAL),
    # boards of who works when
    Command(Verb.WHO, boards.who, Effect.NONE),
    Button("who_page", boards.page, Effect.NONE),
    Button("who_refresh", boards.refresh, Effect.NONE),
    Button("who_share", boards.share, Effect.NONE),
    # reminders: create and manage
    Command(Verb.REMIND, reminders.making.remind, Effect.LOCAL, when=lambda asked: not asked.action),
    Command(Verb.REMINDERS, reminders.listed.overview, Effect.NONE),
    Button("remind_form", reminders.making.open_form, Effect.NONE),
    Button("reminder_again", reminders.making.open_again, Effect.NONE),
    Button("reminders_page", reminders.listed.page, Effect.NONE),
    Choices("reminder_group", reminders.making.groups),
    Choices("reminder_zone", reminders.making.zones),
    Form("reminder", reminders.making.said, reminders.making.submitted, "Saving …", Effect.LOCAL),
    Button("reminder_save", reminders.making.save_again, Effect.LOCAL),
    Button("reminder_change", reminders.making.change, Effect.NONE),
    Button("reminder_preview", reminders.listed.preview, Effect.NONE),
    Button("reminder_post", reminders.listed.post, Effect.LOCAL),
    Button("reminder_pause", reminders.listed.pause, Effect.NONE),
    Form("reminder_pause", reminders.listed.said_pause, reminders.listed.paused, "Saving …", Effect.LOCAL),
    Button("reminder_paused", reminders.listed.paused, Effect.LOCAL),
    Button("reminder_resume", reminders.listed.resume, Effect.LOCAL),
    Button("reminder_delete", reminders.listed.delete, Effect.LOCAL),
    # answers to reminder posts, and failed runs
    Button("check_right", reminders.checks.right, Effect.LOCAL),
    Button("check_change", reminders.checks.change, Effect.NONE),
    Button("check_later", reminders.checks.later, Effect.NONE),
    Button("check_snooze", reminders.checks.snooze, Effect.LOCAL),
    Button("check_snooze_date", reminders.checks.snooze, Effect.LOCAL),
    Button("check_wake", reminders.checks.wake, Effect.LOCAL),
    Button("run_is_there", reminders.due.is_there, Effect.LOCAL),
    Button("run_post_again", reminders.due.post_again, Effect.LOCAL),
    Button("run_take_over", reminders.due.take_over, Effect.LOCAL),
    Button("run_resume", reminders.due.resume, Effect.LOCAL),
    # links, managers, leavers, personal data
    Command(Verb.LINK, links.link, Effect.LOCAL, when=lambda asked: asked.focus_id is not None),
    Command(Verb.UNLINK, links.unlink, Effect.LOCAL),
    Command(Verb.LINKS, links.overview, Effect.NONE),
    Button("link_open", links.open_picker, Effect.NONE),
    Choices("focus_user", links.choices),
    Form("link", links.said, links.picked, "Linking …", Effect.LOCAL),
    Button("link_one", links.link_one, Effect.LOCAL),
    Button("unlink_one", links.unlink_one, Effect.LOCAL),
    Event("user_change", links.user_changed, quiet=True),
    Command(Verb.MANAGERS, managers.managers, Effect.LOCAL, when=lambda asked: asked.action != "list"),
    Button("managers_grant", managers.open_form, Effect.NONE),
    Button("grant_whose", managers.switch_whose, Effect.NONE),
    Choices("grant_group", managers.groups),
    Form("grant", managers.said, managers.submitted, "Granting …", Effect.LOCAL),
    Button("managers_revoke", managers.revoke_pressed, Effect.LOCAL),
    Button("embodied_grant", checkups.move_right, Effect.LOCAL),
    Button("leaver_take", leavers.take_over, Effect.LOCAL),
    Button("leaver_delete", leavers.delete, Effect.LOCAL),
    Command(Verb.MY_DATA, personal.my_data, Effect.NONE),
    Button("forget", personal.forget, Effect.LOCAL),
    # the bot itself
    Command(Verb.HELP, topics.help_, Effect.NONE),
    Event("app_mention", topics.mentioned),
    Button("dismiss", topics.dismiss, Effect.NONE),
    Event("app_home_opened", home.opened, once=False),
    Button("first_steps_hide", home.hide_first_steps, Effect.NONE),
    Command(Verb.STATUS, status.status, Effect.NONE),
    Button("weekdays", weekdays.answered, Effect.LOCAL),
    Button("compare_week", weekdays.compare, Effect.FOCUS),
    Button("unlock", weekdays.unlock, Effect.LOCAL),
)


def register(app: AsyncApp, desk: Desk, routes: Sequence[Route] = ROUTES) -> None:
    """Let one middleware take Slack's payloads to their entrance, which picks the handler from ``routes``."""
    events = {route.type for route in routes if isinstance(route, Event)}
    app.error(unread)
    app.use(Dispatcher(Entrances(desk, routes), command=desk.command, events=events))
