"""Texts, options and interactive elements of Block Kit, with the limits Slack documents.

https://docs.slack.dev/reference/block-kit/block-elements
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from bot.sandbox.slack.blockkit_shape import (
    Check,
    Place,
    boolean,
    by_type,
    choice,
    decimal_string,
    exactly_one,
    integer,
    items,
    shape,
    string,
    typed,
)

__all__ = [
    "ELEMENTS",
    "ID",
    "IMAGE",
    "IN_ACTIONS",
    "IN_INPUT",
    "IN_SECTION",
    "SUGGESTED",
    "any_text",
    "pick",
    "plain",
    "walk",
]

ID = string(255)


def plain(longest: int) -> Check:
    """A ``plain_text`` object."""
    return by_type({"plain_text": typed({"text": string(longest)}, {"emoji": boolean})})


def any_text(longest: int) -> Check:
    """A ``mrkdwn`` or ``plain_text`` object."""
    words = {"text": string(longest)}
    return by_type(
        {"plain_text": typed(words, {"emoji": boolean}), "mrkdwn": typed(words, {"verbatim": boolean})}
    )


def _option(text: Check, *, link: bool = False) -> Check:
    optional = {"description": plain(75), **({"url": string(3000)} if link else {})}
    return shape({"text": text, "value": string(150)}, optional)


CONFIRM = shape(
    {"title": plain(100), "text": any_text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": choice("primary", "danger")},
)
OPTION = _option(plain(75))
RICH_OPTION = _option(any_text(75))
GROUP = shape({"label": plain(75), "options": items(OPTION, 100)})
FILTER = shape(
    {},
    {
        "include": items(choice("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
DISPATCH = shape({}, {"trigger_actions_on": items(choice("on_enter_pressed", "on_character_entered"), 2)})


def _zone(value: Any, place: Place) -> None:
    if value not in available_timezones():
        place.refuse("invalid timezone")


def _no_image(value: Any, place: Place) -> None:
    """Refuse every image: Slack fetches it when the message is posted, which here it could not."""
    del value
    place.refuse("downloading image failed")


IMAGE = typed({"image_url": _no_image, "alt_text": string(2000)})


def _values(options: list[dict[str, Any]]) -> list[tuple[Any, Any]]:
    return [(option["value"], option["text"]["text"]) for option in options]


def _initial_is_offered(value: dict[str, Any], place: Place) -> None:
    """Check that the initial choice is exactly one of the options."""
    options = [*value.get("options", []), *(o for g in value.get("option_groups", []) for o in g["options"])]
    offered = _values(options)
    if "initial_option" in value and _values([value["initial_option"]])[0] not in offered:
        place.at("initial_option").refuse("initial_option must be one of the options")
    if any(chosen not in offered for chosen in _values(value.get("initial_options", []))):
        place.at("initial_options").refuse("initial_options must be among the options")


def _initial_fits_length(value: dict[str, Any], place: Place) -> None:
    low, high = value.get("min_length", 0), value.get("max_length", 3000)
    if low > high:
        place.at("min_length").refuse("min_length must not be greater than max_length")
    if len(value.get("initial_value", "")) > high:
        place.at("initial_value").refuse(f"must be less than {high + 1} characters")


def _initial_fits_bounds(value: dict[str, Any], place: Place) -> None:
    bounds = [Decimal(value[key]) for key in ("min_value", "initial_value", "max_value") if key in value]
    if bounds != sorted(bounds):
        place.refuse("min_value, initial_value and max_value are out of order")
    if not value["is_decimal_allowed"] and any(bound != int(bound) for bound in bounds):
        place.refuse("must be whole numbers when is_decimal_allowed is false")


BUTTON: dict[str, Check] = {
    "url": string(3000),
    "value": string(2000),
    "style": choice("primary", "danger"),
    "confirm": CONFIRM,
    "accessibility_label": string(75),
}
FIELD: dict[str, Check] = {"action_id": ID, "placeholder": plain(150), "focus_on_load": boolean}
SELECT: dict[str, Check] = {**FIELD, "confirm": CONFIRM}
MULTI: dict[str, Check] = {**SELECT, "max_selected_items": integer(1, 100)}
OPTIONS: dict[str, Check] = {"options": items(OPTION, 100), "option_groups": items(GROUP, 100)}
TICKED: dict[str, Check] = {"action_id": ID, "confirm": CONFIRM, "focus_on_load": boolean}
SLACK_ID = string(255, pattern=r"[A-Z][A-Z0-9]+")
RESPONSE_URL: dict[str, Check] = {"response_url_enabled": boolean}
CONVERSATIONS: dict[str, Check] = {"default_to_current_conversation": boolean, "filter": FILTER}

_one_list = exactly_one("options", "option_groups")
SUGGESTED = shape({}, {**OPTIONS, "options": items(OPTION, 100, least=0)}, _one_list)
"""The answer to a ``block_suggestion``: it may have no options."""

ELEMENTS: dict[str, Check] = {
    "image": IMAGE,
    "button": typed({"text": plain(75)}, {"action_id": ID, **BUTTON}),
    "overflow": typed(
        {"options": items(_option(plain(75), link=True), 5)}, {"action_id": ID, "confirm": CONFIRM}
    ),
    "static_select": typed(
        {}, {**SELECT, **OPTIONS, "initial_option": OPTION}, _one_list, _initial_is_offered
    ),
    "multi_static_select": typed(
        {}, {**MULTI, **OPTIONS, "initial_options": items(OPTION, 100)}, _one_list, _initial_is_offered
    ),
    "external_select": typed({}, {**SELECT, "min_query_length": integer(0, 75), "initial_option": OPTION}),
    "multi_external_select": typed(
        {}, {**MULTI, "min_query_length": integer(0, 75), "initial_options": items(OPTION, 100)}
    ),
    "users_select": typed({}, {**SELECT, "initial_user": SLACK_ID}),
    "multi_users_select": typed({}, {**MULTI, "initial_users": items(SLACK_ID, 100)}),
    "channels_select": typed({}, {**SELECT, **RESPONSE_URL, "initial_channel": SLACK_ID}),
    "multi_channels_select": typed({}, {**MULTI, "initial_channels": items(SLACK_ID, 100)}),
    "conversations_select": typed(
        {}, {**SELECT, **RESPONSE_URL, **CONVERSATIONS, "initial_conversation": SLACK_ID}
    ),
    "multi_conversations_select": typed(
        {}, {**MULTI, **CONVERSATIONS, "initial_conversations": items(SLACK_ID, 100)}
    ),
    "checkboxes": typed(
        {"options": items(RICH_OPTION, 10)},
        {**TICKED, "initial_options": items(RICH_OPTION, 10)},
        _initial_is_offered,
    ),
    "radio_buttons": typed(
        {"options": items(RICH_OPTION, 10)}, {**TICKED, "initial_option": RICH_OPTION}, _initial_is_offered
    ),
    "datepicker": typed({}, {**SELECT, "initial_date": string(10, pattern=r"\d{4}-\d{2}-\d{2}")}),
    "timepicker": typed(
        {}, {**SELECT, "initial_time": string(5, pattern=r"([01]\d|2[0-3]):[0-5]\d"), "timezone": _zone}
    ),
    "datetimepicker": typed({}, {**TICKED, "initial_date_time": integer(10**9, 10**10 - 1)}),
    "plain_text_input": typed(
        {},
        {
            **FIELD,
            "initial_value": string(3000),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
            "dispatch_action_config": DISPATCH,
        },
        _initial_fits_length,
    ),
    "number_input": typed(
        {"is_decimal_allowed": boolean},
        {
            **FIELD,
            "initial_value": decimal_string,
            "min_value": decimal_string,
            "max_value": decimal_string,
            "dispatch_action_config": DISPATCH,
        },
        _initial_fits_bounds,
    ),
    "email_text_input": typed(
        {}, {**FIELD, "initial_value": string(3000), "dispatch_action_config": DISPATCH}
    ),
    "url_text_input": typed({}, {**FIELD, "initial_value": string(3000), "dispatch_action_config": DISPATCH}),
}

_SINGLE = {f"{kind}_select" for kind in ("static", "external", "users", "channels", "conversations")}
_MULTI = {f"multi_{kind}" for kind in _SINGLE}
_BOTH = {"checkboxes", "radio_buttons", "datepicker", "timepicker"}
_TYPED = {"plain_text_input", "number_input", "email_text_input", "url_text_input"}

IN_SECTION = {"button", "overflow", "image"} | _SINGLE | _MULTI | _BOTH
IN_ACTIONS = {"button", "overflow", "datetimepicker"} | _SINGLE | _BOTH
IN_INPUT = {"datetimepicker"} | _SINGLE | _MULTI | _BOTH | _TYPED


def pick(allowed: set[str]) -> Check:
    """A check for one of these elements, whatever surface the block is on."""
    return by_type({kind: check for kind, check in ELEMENTS.items() if kind in allowed})


def walk(value: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object in a value, outermost first."""
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item)
