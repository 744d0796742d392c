"""Small checks of JSON values, from which the checks of larger shapes are composed.

A check takes a value and the place where it was found, and raises `RefusedError` with a sentence in
Slack's words and a JSON pointer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, NoReturn

Surface = Literal["message", "modal", "home"]
Check = Callable[[Any, "Place"], None]
Rule = Callable[[dict[str, Any], "Place"], None]


class RefusedError(ValueError):
    """The reason that Slack gives with ``invalid_blocks`` or ``invalid_arguments``."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the payload a value is, and on which surface."""

    pointer: str
    surface: Surface

    def at(self, key: str | int) -> Place:
        """The place of a member or an item of this value."""
        return replace(self, pointer=f"{self.pointer}/{key}")

    def refuse(self, reason: str) -> NoReturn:
        """Raise the error with this reason and this place."""
        raise RefusedError(f"{reason} [json-pointer:{self.pointer}]")


def string(longest: int, *, shortest: int = 1, pattern: str | None = None) -> Check:
    """A check for a string with a length within bounds that matches the pattern as a whole."""

    def check(value: Any, place: Place) -> None:
        if not isinstance(value, str):
            place.refuse("must be a string")
        if len(value) < shortest:
            place.refuse(f"must be more than {shortest - 1} characters")
        if len(value) > longest:
            place.refuse(f"must be less than {longest + 1} characters")
        if pattern and not re.fullmatch(pattern, value):
            place.refuse(f"does not match {pattern}")

    return check


def boolean(value: Any, place: Place) -> None:
    """Check for true or false, and not for a value that is merely truthy or falsy."""
    if not isinstance(value, bool):
        place.refuse("must be a boolean")


def integer(low: int, high: int) -> Check:
    """A check for a whole number within bounds."""

    def check(value: Any, place: Place) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            place.refuse("must be an integer")
        if not low <= value <= high:
            place.refuse(f"must be between {low} and {high}")

    return check


def number(value: Any, place: Place) -> None:
    """Check for any JSON number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        place.refuse("must be a number")


def decimal_string(value: Any, place: Place) -> None:
    """Check for a number in a string, which is how Slack takes the bounds of a number input."""
    string(255, pattern=r"-?\d+(\.\d+)?")(value, place)


def choice(*allowed: str) -> Check:
    """A check for one of these words."""

    def check(value: Any, place: Place) -> None:
        if value not in allowed:
            place.refuse(f"must be one of: {', '.join(allowed)}")

    return check


def items(check: Check, most: int, *, least: int = 1) -> Check:
    """A check for a list with a length within bounds, whose items all pass ``check``."""

    def check_all(value: Any, place: Place) -> None:
        if not isinstance(value, list):
            place.refuse("must be an array")
        if len(value) < least:
            place.refuse(f"no less than {least} items allowed")
        if len(value) > most:
            place.refuse(f"no more than {most} items allowed")
        for index, item in enumerate(value):
            check(item, place.at(index))

    return check_all


def shape(
    needed: Mapping[str, Check],
    optional: Mapping[str, Check] | None = None,
    *rules: Rule,
) -> Check:
    """A check for an object with these keys and no others; rules then check the whole object."""
    known = {**needed, **(optional or {})}

    def check(value: Any, place: Place) -> None:
        if not isinstance(value, dict):
            place.refuse("must be an object")
        for key in value:
            if key not in known:
                place.refuse(f"invalid additional property: {key}")
        for key in needed:
            if key not in value:
                place.refuse(f"missing required field: {key}")
        for key, item in value.items():
            known[key](item, place.at(key))
        for rule in rules:
            rule(value, place)

    return check


def by_type(kinds: Mapping[str, Check], *, on: Mapping[str, tuple[Surface, ...]] | None = None) -> Check:
    """A check for an object whose ``type`` names its shape; ``on`` limits types to surfaces."""

    def check(value: Any, place: Place) -> None:
        if not isinstance(value, dict):
            place.refuse("must be an object")
        kind = value.get("type")
        if kind is None:
            place.refuse("missing required field: type")
        if not isinstance(kind, str) or kind not in kinds:
            place.at("type").refuse(f"unsupported type: {kind}")
        if on and place.surface not in on.get(kind, (place.surface,)):
            place.at("type").refuse(f"unsupported type: {kind}, not allowed in a {place.surface}")
        kinds[kind](value, place)

    return check


def typed(
    needed: Mapping[str, Check],
    optional: Mapping[str, Check] | None = None,
    *rules: Rule,
) -> Check:
    """A `shape` for `by_type`, which has checked ``type`` already."""
    return shape({"type": string(255), **needed}, optional, *rules)


def exactly_one(*keys: str) -> Rule:
    """A rule that exactly one of these keys is there."""

    def rule(value: dict[str, Any], place: Place) -> None:
        if sum(key in value for key in keys) != 1:
            place.refuse(f"must have exactly one of: {', '.join(keys)}")

    return rule
