"""What every modal is made of; and those that only say something: while it works, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import Block, PlainTextObject
from slack_sdk.models.views import View

from handlers.views.blocks import Reply, section

__all__ = ["FieldError", "loading", "modal", "saying"]

MODAL_BLOCKS = 100


class FieldError(Exception):
    """What is wrong with the fields of a form: block id -> sentence."""

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
    """A modal within Slack's limits; ``title`` and the buttons take 24 characters."""
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
    """What is shown at once: a ``trigger_id`` lives 3 s, Focus may take 8."""
    return modal(title, [section(f":hourglass_flowing_sand: {text}")], external_id=external_id)


def saying(reply: Reply, *, external_id: str | None = None, title: str = "Working hours") -> View:
    """A message shown inside the modal. Tables exist in messages only, so there they are left out."""
    blocks = [block for block in reply.blocks if block.type != "table"]
    return modal(title, blocks or [section(reply.text)], external_id=external_id)
