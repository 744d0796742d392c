"""Open a form: at once as a loading view, since a ``trigger_id`` lives three seconds, and then filled in."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Awaitable, Callable
from dataclasses import replace

from slack_sdk.errors import SlackApiError
from slack_sdk.models.views import View

from handlers.attempts import in_lane
from handlers.desk import Ask, ModalClosedError
from handlers.slack_errors import code_of
from handlers.views import modals
from handlers.views.blocks import Reply
from handlers.work import Lane

__all__ = ["open_form"]

TOO_LATE = {"expired_trigger_id", "exchanged_trigger_id", "trigger_expired", "trigger_exchanged"}

Fill = Callable[[Ask], Awaitable[View | None]]
"""Builds the form for an ask that is answered in the modal; ``None`` if it has answered instead."""

Offer = Callable[[Ask], Awaitable[Reply]]
"""A message with a button that opens the form."""


async def _press_again(ask: Ask) -> Reply:
    return modals.press_again(ask.action, ask.value)


async def open_form(
    ask: Ask, fill: Fill, *, title: str, loading: str = "One moment …", offer: Offer = _press_again
) -> None:
    """Show a loading view in a new modal, or in the one where the button was, then what ``fill`` builds.

    If no modal can be opened any more, or never could as for messages to the bot, the answer is ``offer``.

    Raises:
        SlackApiError: Slack does not open a modal for another reason.
    """
    view = modals.loading(title, loading)
    if ask.place.kind == "modal":
        await ask.update_modal(view)
        in_modal = ask
    elif opened := await _opened(ask, view):
        in_modal = ask.of_view({"id": opened})
    else:
        await replace(ask, replaces=False).answer(await offer(ask))
        return

    @functools.wraps(fill)
    async def filled(ask: Ask) -> None:
        if form := await fill(ask):
            with contextlib.suppress(ModalClosedError):  # before it had loaded: nobody is waiting for it
                await ask.update_modal(form)

    in_lane(Lane.QUICK, in_modal, filled)


async def _opened(ask: Ask, view: View) -> str:
    """The id of the opened view; empty if Slack says that it is too late for one."""
    if not ask.trigger_id:
        return ""
    try:
        answer = await ask.desk.slack.views_open(trigger_id=ask.trigger_id, view=view)
    except SlackApiError as error:
        if code_of(error) not in TOO_LATE:
            raise
        return ""
    return str(answer["view"]["id"])
