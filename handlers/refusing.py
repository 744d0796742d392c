"""Refuse a submitted form without losing what was typed in it."""

from __future__ import annotations

import logging

from slack_sdk.errors import SlackApiError

from handlers.desk import Ask, ModalClosedError
from handlers.slack_errors import code_of
from handlers.views.blocks import Reply
from handlers.views.modals import refilled

__all__ = ["refuse", "show_again"]

log = logging.getLogger(__name__)


async def refuse(ask: Ask, reply: Reply) -> None:
    """Answer that nothing was done; a submitted form is shown again below that, as it was filled in.

    Raises:
        NotToldError, SlackApiError, aiohttp.ClientError, TimeoutError: Slack does not take the answer.
    """
    if ask.place.kind != "modal" or "form" not in ask.said:
        await ask.say(reply)
        return
    try:
        await show_again(ask, reply)
    except ModalClosedError:
        await ask.message(reply)
    except SlackApiError as error:
        log.warning("a form is not shown again: %s", code_of(error))
        await ask.say(reply)


async def show_again(ask: Ask, reply: Reply) -> None:
    """Show the submitted form again below the reply, as it was filled in.

    Raises:
        ModalClosedError: the person has closed it.
        SlackApiError, aiohttp.ClientError, TimeoutError: Slack does not take the view.
    """
    await ask.update_modal(refilled(ask.view, reply))
