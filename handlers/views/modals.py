"""Build modals: the common frame, the loading view, and a reply shown in a modal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import Block, PlainTextObject
from slack_sdk.models.views import View

from handlers.views.blocks import Reply, actions, button, section

__all__ = ["FieldError", "loading", "modal", "press_again", "saying"]

MODAL_BLOCKS = 100


class FieldError(Exception):
    """Fields of a form are not valid; ``errors`` is block id -> sentence."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(str(dict(errors)))
        self.errors = dict(errors)


def modal(
    title: str,
    blocks: Sequence[Block],
    *,
    callback_id: str = "",
    submit: str | None = None,
    close: str = "Close",
    external_id: str | None = None,
    private_metadata: str = "",
    notify_on_close: bool = False,
) -> View:
    """A modal within Slack's limits; the title and the buttons may have 24 characters."""
    return View(
        type="modal",
        title=PlainTextObject(text=title[:24]),
        blocks=list(blocks[:MODAL_BLOCKS]),
        callback_id=callback_id,
        submit=PlainTextObject(text=submit) if submit else None,
        close=PlainTextObject(text=close),
        external_id=external_id,
        private_metadata=private_metadata,
        notify_on_close=notify_on_close,
    )


def loading(title: str, text: str, *, external_id: str | None = None) -> View:
    """The view opened at once, since a ``trigger_id`` lives 3 s and Focus may take 8."""
    return modal(title, [section(f":hourglass_flowing_sand: {text}")], external_id=external_id)


def press_again(action: str, value: str) -> Reply:
    """The pressed button once more, as Slack did not open its form."""
    return Reply.saying(
        "I took too long, so Slack did not open the form. Press again.",
        *actions(button("Open the form", action, value=value, style="primary")),
    )


def saying(reply: Reply, *, external_id: str | None = None, title: str = "Working hours") -> View:
    """A reply shown as a modal, without its tables, which only messages can have."""
    blocks = [block for block in reply.blocks if block.type != "table"]
    return modal(title, blocks or [section(reply.text)], external_id=external_id)
