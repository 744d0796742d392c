"""Inputs and menus of Block Kit: the state they hold, and the values that Slack's client refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import count
from typing import Any

from bot.sandbox.slack.workspace import Blocks, Json, Values

__all__ = [
    "Placed",
    "chosen",
    "complaint",
    "find",
    "initial_values",
    "kept_values",
    "option",
    "placed",
    "with_ids",
]


@dataclass(frozen=True, slots=True)
class _Kind:
    key: str
    """Key of the value in the state; the element has an initial value of the same form."""
    initial: str
    many: bool = False


_TYPED = _Kind("value", "initial_value")
_OPTION, _OPTIONS = (
    _Kind("selected_option", "initial_option"),
    _Kind("selected_options", "initial_options", many=True),
)
_KINDS: Mapping[str, _Kind] = {
    "plain_text_input": _TYPED,
    "email_text_input": _TYPED,
    "url_text_input": _TYPED,
    "number_input": _TYPED,
    "static_select": _OPTION,
    "external_select": _OPTION,
    "radio_buttons": _OPTION,
    "multi_static_select": _OPTIONS,
    "multi_external_select": _OPTIONS,
    "checkboxes": _OPTIONS,
    "users_select": _Kind("selected_user", "initial_user"),
    "multi_users_select": _Kind("selected_users", "initial_users", many=True),
    "channels_select": _Kind("selected_channel", "initial_channel"),
    "multi_channels_select": _Kind("selected_channels", "initial_channels", many=True),
    "conversations_select": _Kind("selected_conversation", "initial_conversation"),
    "multi_conversations_select": _Kind("selected_conversations", "initial_conversations", many=True),
    "datepicker": _Kind("selected_date", "initial_date"),
    "timepicker": _Kind("selected_time", "initial_time"),
    "datetimepicker": _Kind("selected_date_time", "initial_date_time"),
    "rich_text_input": _Kind("rich_text_value", "initial_value"),
}
_STATELESS = frozenset({"button", "overflow", "workflow_button"})

_ids = count(1)


@dataclass(frozen=True, slots=True)
class Placed:
    """An interactive element and the block that it is in."""

    block: Json
    element: Json

    @property
    def is_input(self) -> bool:
        """Whether it is a form field, which is sent only with the form unless ``dispatch_action``."""
        return bool(self.block["type"] == "input")

    @property
    def stateful(self) -> bool:
        """Whether the element has an entry in ``state.values``."""
        return self.element["type"] in _KINDS

    @property
    def key(self) -> tuple[str, str]:
        """block_id and action_id, the keys of its state."""
        return self.block["block_id"], self.element["action_id"]

    @property
    def label(self) -> str:
        """The label of a form field; empty for other elements."""
        return str(self.block["label"]["text"]) if self.is_input else ""


def placed(blocks: Blocks) -> Iterator[Placed]:
    """Every interactive element, in reading order."""
    for block in blocks:
        inside = [block.get("accessory"), block.get("element"), *block.get("elements", ())]
        inside += block.get("actions", ()) if block["type"] == "card" else ()
        for element in inside:
            if isinstance(element, dict) and element.get("type") in {*_KINDS, *_STATELESS}:
                yield Placed(block, element)


def find(blocks: Blocks, action_id: str, *, block_id: str | None = None, value: str | None = None) -> Placed:
    """The element with this action_id; of several, the one in that block or with that value.

    Raises:
        LookupError: there is no such element.
    """
    there = list(placed(blocks))
    for each in there:
        if each.element["action_id"] != action_id or block_id not in {None, each.block["block_id"]}:
            continue
        if value is None or each.element["type"] != "button" or each.element.get("value") == value:
            return each
    seen = ", ".join(each.element["action_id"] for each in there) or "none"
    raise LookupError(f"nothing to press is called {action_id!r} here (there are: {seen})")


def with_ids(blocks: Blocks) -> Blocks:
    """A copy in which blocks and elements without an id have one, as Slack gives it to them."""
    blocks = deepcopy(blocks)
    for block in blocks:
        block.setdefault("block_id", f"b{next(_ids):x}")
    for each in placed(blocks):
        each.element.setdefault("action_id", f"a{next(_ids):x}")
    return blocks


def initial_values(blocks: Blocks) -> Values:
    """``state.values`` before anybody has typed or picked anything."""
    values: Values = {}
    for each in placed(blocks):
        if each.stateful:
            block_id, action_id = each.key
            values.setdefault(block_id, {})[action_id] = _initial(each.element)
    return values


def kept_values(blocks: Blocks, before: Values) -> Values:
    """The state after an update: what was typed stays under an unchanged block_id and action_id."""
    values = initial_values(blocks)
    for block_id, actions in values.items():
        for action_id, state in actions.items():
            typed = before.get(block_id, {}).get(action_id)
            if typed and typed["type"] == state["type"]:
                actions[action_id] = typed
    return values


def _initial(element: Json) -> Json:
    kind = _KINDS[element["type"]]
    return _state(element, deepcopy(element.get(kind.initial, [] if kind.many else None)))


def _state(element: Json, value: Any) -> Json:
    zone = {"timezone": element["timezone"]} if "timezone" in element else {}
    return {"type": element["type"], _KINDS[element["type"]].key: value, **zone}


def chosen(element: Json, wanted: Any, *, offered: Blocks = ()) -> Json:  # type: ignore[assignment]  # read only
    """The state after a person typed or picked ``wanted``: text, an option's value or label, ids.

    Raises:
        LookupError: the menu has no such option.
    """
    kind = _KINDS[element["type"]]
    if kind in {_OPTION, _OPTIONS}:
        choices = [*offered, *_options(element)]
        if kind.many:
            return _state(element, [_option(choices, each) for each in wanted or []])
        return _state(element, None if wanted is None else _option(choices, wanted))
    if kind.many:
        return _state(element, list(wanted or []))
    return _state(element, None if wanted in {None, ""} else str(wanted))


def _options(element: Json) -> Blocks:
    grouped = [option for group in element.get("option_groups", ()) for option in group["options"]]
    return [*element.get("options", ()), *grouped]


def option(element: Json, wanted: Any) -> Json:
    """The option of a menu with this value or label (or which is this very option)."""
    return _option(_options(element), wanted)


def _option(choices: Blocks, wanted: Any) -> Json:
    for each in choices:
        if wanted in (each, each.get("value"), each["text"]["text"]):
            return deepcopy(each)
    labels = ", ".join(each["text"]["text"] for each in choices) or "nothing"
    raise LookupError(f"no option {wanted!r} is offered (there is: {labels})")


def complaint(each: Placed, state: Json) -> str | None:
    """The error that Slack's client shows at a field instead of submitting the form, or ``None``."""
    element, value = each.element, state[_KINDS[each.element["type"]].key]
    if value in (None, "", []):
        return None if each.block.get("optional") else "Please complete this required field."
    complain = _COMPLAINTS.get(element["type"])
    if complain:
        return complain(element, str(value))
    most = element.get("max_selected_items")
    return f"Choose at most {most} items." if most and len(value) > most else None


def _text_complaint(element: Json, typed: str) -> str | None:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if len(typed) < least:
        return f"Enter at least {least} characters."
    return f"Enter at most {most} characters." if len(typed) > most else None


def _email_complaint(element: Json, typed: str) -> str | None:
    del element
    return None if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", typed) else "Enter a valid email address."


def _url_complaint(element: Json, typed: str) -> str | None:
    del element
    return None if re.fullmatch(r"https?://\S+", typed) else "Enter a valid URL."


def _number_complaint(element: Json, typed: str) -> str | None:
    try:
        number = Decimal(typed)
    except InvalidOperation:
        return "Enter a number."
    if not element["is_decimal_allowed"] and number != int(number):
        return "Enter a whole number."
    if "min_value" in element and number < Decimal(element["min_value"]):
        return f"Enter a number of at least {element['min_value']}."
    if "max_value" in element and number > Decimal(element["max_value"]):
        return f"Enter a number of at most {element['max_value']}."
    return None


_COMPLAINTS: Mapping[str, Callable[[Json, str], str | None]] = {
    "plain_text_input": _text_complaint,
    "email_text_input": _email_complaint,
    "url_text_input": _url_complaint,
    "number_input": _number_complaint,
}
