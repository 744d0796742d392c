"""Build modals: the common frame, the loading view, and a reply shown in a modal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import Block, PlainTextObject
from slack_sdk.models.views import View

from handlers.views.blocks import Reply, actions, button, section

__all__ = ["FieldError", "loading", "modal", "press_again", "refilled", "saying", "with_blocks"]

MODAL_BLOCKS = 100

_OF_A_VIEW = ("title", "submit", "close", "callback_id", "external_id", "private_metadata")
"""The fields to keep when a view's blocks are replaced; Slack returns more than it accepts back."""

_REFUSED = "refused:"
"""Begins the block ids of a refusal above a form, which the next one replaces."""


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


def with_blocks(view: Mapping[str, Any], blocks: Sequence[dict[str, Any] | Block]) -> View:
    """An open modal, as Slack describes it, with other blocks."""
    kept = {name: view[name] for name in _OF_A_VIEW if view.get(name)}
    return View(type="modal", blocks=list(blocks[:MODAL_BLOCKS]), **kept)


def refilled(view: Mapping[str, Any], reply: Reply) -> View:
    """A submitted form, filled in as it was submitted, below the reason why it was refused."""
    why = [block.to_dict() for block in saying(reply).blocks or ()]
    told = [{**block, "block_id": f"{_REFUSED}{number}"} for number, block in enumerate(why)]
    form = [block for block in view["blocks"] if not str(block["block_id"]).startswith(_REFUSED)]
    return with_blocks(view, [*told, *(_filled(block, view["state"]["values"]) for block in form)])


def _filled(block: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """An input block whose element begins with the value of the submitted state; other blocks as they are."""
    if block["type"] != "input":
        return block
    element = {name: each for name, each in block["element"].items() if not name.startswith("initial_")}
    for name, chosen in values.get(block["block_id"], {}).get(element["action_id"], {}).items():
        what = name.removeprefix("selected_")
        if chosen and (name == "value" or name != what):
            element[f"initial_{what}"] = chosen
    return {**block, "element": element}
