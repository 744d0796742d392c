"""Checks of blocks and views as Slack makes them, and the text that a person reads in them.

The limits are written in each shape; https://docs.slack.dev/reference/block-kit/blocks
A refusal reads like Slack's: a reason and ``[json-pointer:/blocks/0/text/text]``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack.blockkit_elements import (
    ID,
    IMAGE,
    IN_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    SUGGESTED,
    any_text,
    pick,
    plain,
    walk,
)
from bot.sandbox.slack.blockkit_shape import (
    Check,
    Place,
    RefusedError,
    Surface,
    boolean,
    by_type,
    choice,
    integer,
    items,
    number,
    shape,
    string,
    typed,
)

__all__ = ["VIEW_BYTES", "Surface", "check_blocks", "check_options", "check_view", "flatten", "length"]

VIEW_BYTES = 250_000
"""A larger view is refused with ``view_too_large``."""

# ---------------------------------------------------------------- rich text and tables
_STYLE = shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight"), boolean))
_STYLED: dict[str, Check] = {"style": _STYLE}
_RUN = by_type(
    {
        "text": typed({"text": string(3000)}, _STYLED),
        "link": typed({"url": string(3000)}, {"text": string(3000), "unsafe": boolean, **_STYLED}),
        "user": typed({"user_id": ID}, _STYLED),
        "channel": typed({"channel_id": ID}, _STYLED),
        "usergroup": typed({"usergroup_id": ID}, _STYLED),
        "emoji": typed({"name": string(255)}, {"unicode": string(255), **_STYLED}),
        "broadcast": typed({"range": choice("here", "channel", "everyone")}),
        "date": typed(
            {"timestamp": integer(0, 10**11), "format": string(255)},
            {"url": string(3000), "fallback": string(3000)},
        ),
        "color": typed({"value": string(255)}),
    }
)
_RUNS: dict[str, Check] = {"elements": items(_RUN, 1000, least=0)}
_BORDER: dict[str, Check] = {"border": integer(0, 1)}
_PARAGRAPHS: dict[str, Check] = {
    "rich_text_section": typed(_RUNS),
    "rich_text_preformatted": typed(_RUNS, _BORDER),
    "rich_text_quote": typed(_RUNS, _BORDER),
    "rich_text_list": typed(
        {
            "style": choice("bullet", "ordered"),
            "elements": items(by_type({"rich_text_section": typed(_RUNS)}), 100),
        },
        {"indent": integer(0, 8), "offset": integer(0, 10_000), **_BORDER},
    ),
}
_RICH_TEXT = typed({"elements": items(by_type(_PARAGRAPHS), 100)}, {"block_id": ID})
_CELL = by_type(
    {
        "raw_text": typed({"text": string(10_000)}),
        "raw_number": typed({"value": number, "text": string(10_000)}),
        "rich_text": _RICH_TEXT,
    }
)


def _table_length(value: dict[str, Any], place: Place) -> None:
    if sum(len(text) for text in _words(value["rows"])) > 10_000:
        place.at("rows").refuse("must be less than 10001 characters in all cells together")


def _some_text(value: dict[str, Any], place: Place) -> None:
    if "text" not in value and "fields" not in value:
        place.refuse("missing required field: text")


def _context_element(value: Any, place: Place) -> None:
    picture = isinstance(value, dict) and value.get("type") == "image"
    (IMAGE if picture else any_text(3000))(value, place)


# ---------------------------------------------------------------- blocks
_BLOCKS: dict[str, Check] = {
    "section": typed(
        {},
        {
            "block_id": ID,
            "text": any_text(3000),
            "fields": items(any_text(2000), 10),
            "accessory": pick(IN_SECTION),
            "expand": boolean,
        },
        _some_text,
    ),
    "header": typed({"text": plain(150)}, {"block_id": ID}),
    "context": typed(
        {
            "elements": items(_context_element, 10),
        },
        {"block_id": ID},
    ),
    "actions": typed({"elements": items(pick(IN_ACTIONS), 25)}, {"block_id": ID}),
    "divider": typed({}, {"block_id": ID}),
    "input": typed(
        {"label": plain(2000), "element": pick(IN_INPUT)},
        {"block_id": ID, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "image": IMAGE,
    "rich_text": _RICH_TEXT,
    "table": typed(
        {"rows": items(items(_CELL, 20), 100)},
        {
            "block_id": ID,
            "column_settings": items(
                shape({}, {"align": choice("left", "center", "right"), "is_wrapped": boolean}), 20
            ),
        },
        _table_length,
    ),
    "alert": typed(
        {"text": any_text(200)},
        {"block_id": ID, "level": choice("default", "info", "warning", "error", "success")},
    ),
    "markdown": typed({"text": string(12_000)}, {"block_id": ID}),
}
_BLOCK = by_type(_BLOCKS, on={"table": ("message",), "markdown": ("message",), "alert": ("modal",)})


def _blocks(blocks: Any, place: Place) -> None:
    """Check a list of blocks, and the rules about the list as a whole."""
    items(_BLOCK, 50 if place.surface == "message" else 100, least=0)(blocks, place)
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        block_id = block.get("block_id")
        if block_id in seen:
            place.at(index).at("block_id").refuse(f"duplicate block_id: {block_id}")
        seen |= {block_id} if block_id else set()
        actions = [part["action_id"] for part in walk(block) if "action_id" in part]
        if len(actions) > len(set(actions)):
            place.at(index).refuse("duplicate action_id")
    if sum(block["type"] == "table" for block in blocks) > 1:
        place.refuse("only one table is allowed in a message")
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > 12_000:
        place.refuse("must be less than 12001 characters in all markdown blocks together")
    if sum(part.get("focus_on_load") is True for part in walk(blocks)) > 1:
        place.refuse("only one element may have focus_on_load")


# ---------------------------------------------------------------- views
_VIEW_PARTS: dict[str, Check] = {
    "private_metadata": string(3000, shortest=0),
    "callback_id": string(255, shortest=0),
    "external_id": string(255, shortest=0),
}
_MODAL_PARTS: dict[str, Check] = {
    "submit": plain(24),
    "close": plain(24),
    "clear_on_close": boolean,
    "notify_on_close": boolean,
    "submit_disabled": boolean,
}


def _submit_with_input(view: dict[str, Any], place: Place) -> None:
    if "submit" not in view and any(block["type"] == "input" for block in view["blocks"]):
        place.refuse("missing required field: submit")


_VIEW = by_type(
    {
        "modal": typed(
            {"title": plain(24), "blocks": _blocks}, {**_VIEW_PARTS, **_MODAL_PARTS}, _submit_with_input
        ),
        "home": typed({"blocks": _blocks}, _VIEW_PARTS),
    }
)


# ---------------------------------------------------------------- the face
def check_blocks(blocks: Any, *, surface: Surface) -> str | None:
    """Why Slack would refuse these blocks, or ``None``."""
    try:
        _blocks(blocks, Place("/blocks", surface))
    except RefusedError as refused:
        return str(refused)
    return None


def check_view(view: Any) -> str | None:
    """Why Slack would refuse this modal or Home tab, or ``None``.

    If the view is too large, the reason begins with ``view_too_large``.
    """
    surface: Surface = "home" if isinstance(view, dict) and view.get("type") == "home" else "modal"
    place = Place("/view", surface)
    try:
        size = len(json.dumps(view, ensure_ascii=False, separators=(",", ":")).encode())
        if size > VIEW_BYTES:
            place.refuse(f"view_too_large: {size} bytes, {VIEW_BYTES} allowed")
        _VIEW(view, place)
    except RefusedError as refused:
        return str(refused)
    return None


def check_options(answer: Any) -> str | None:
    """Why Slack would show none of the options in the answer to a ``block_suggestion``, or ``None``."""
    try:
        SUGGESTED(answer, Place("", "modal"))
    except RefusedError as refused:
        return str(refused)
    return None


A_BLOCK = 100
"""Characters that Slack adds for each block to the length of a message; observed, nowhere documented."""


def length(blocks: Any) -> int:
    """The length of a message's blocks, which Slack limits besides that of each of them."""
    texts = (part["text"] for part in walk(blocks) if isinstance(part.get("text"), str))
    return A_BLOCK * len(blocks) + sum(map(len, texts))


def flatten(blocks: Any) -> str:
    """Every text a person would see, a line each, with mrkdwn as it was written; a space is a space."""
    return "\n".join(_words(blocks)).replace("\N{NO-BREAK SPACE}", " ")


_UNSEEN = {"confirm", "placeholder", "option_groups", "accessibility_label", "alt_text", "style"}


def _words(value: Any) -> Iterator[str]:
    """Texts in reading order; closed menus show only what is chosen."""
    if isinstance(value, list):
        for item in value:
            yield from _words(item)
    elif isinstance(value, dict):
        kind = str(value.get("type"))
        closed = kind.endswith("_select") or kind == "overflow"
        for key, item in value.items():
            if key in ("text", "initial_value") and isinstance(item, str):
                yield item
            elif key not in _UNSEEN and not (closed and key == "options") and isinstance(item, dict | list):
                already_listed = key in ("initial_option", "initial_options") and not closed
                yield from () if already_listed else _words(item)
        if kind in ("user", "channel", "usergroup"):
            yield f"<{'#' if kind == 'channel' else '@'}{value.get(f'{kind}_id')}>"
