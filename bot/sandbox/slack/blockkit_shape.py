"""Small checks that compose: what a JSON value must look like, and where it does not.

A check takes a value and the place it was found, and raises `RefusedError` with a sentence in
Slack's words and a JSON pointer. Larger shapes are built from smaller ones.
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
    """What Slack would answer with ``invalid_blocks`` or ``invalid_arguments``."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the payload a value stands, and on which surface."""

    pointer: str
    surface: Surface

    def at(self, key: str | int) -> Place:
        """One step further down."""
        return replace(self, pointer=f"{self.pointer}/{key}")

    def refuse(self, reason: str) -> NoReturn:
        """Raise Slack's sentence for this place."""
        raise RefusedError(f"{reason} [json-pointer:{self.pointer}]")


def string(longest: int, *, shortest: int = 1, pattern: str | None = None) -> Check:
    """A string of so many characters, all of it fitting the pattern."""

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
    """True or false, and nothing that merely looks like it."""
    if not isinstance(value, bool):
        place.refuse("must be a boolean")


def integer(low: int, high: int) -> Check:
    """A whole number within bounds."""

    def check(value: Any, place: Place) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            place.refuse("must be an integer")
        if not low <= value <= high:
            place.refuse(f"must be between {low} and {high}")

    return check


def number(value: Any, place: Place) -> None:
    """Any JSON number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        place.refuse("must be a number")


def decimal_string(value: Any, place: Place) -> None:
    """Slack takes the bounds of a number input as strings."""
    string(255, pattern=r"-?\d+(\.\d+)?")(value, place)


def choice(*allowed: str) -> Check:
    """One of a few words."""

    def check(value: Any, place: Place) -> None:
        if value not in allowed:
            place.refuse(f"must be one of: {', '.join(allowed)}")

    return check


def items(check: Check, most: int, *, least: int = 1) -> Check:
    """A list of so many things of one kind."""

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
    """An object with these keys and no others; rules look at the whole of it afterwards."""
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
    """An object whose ``type`` names its shape; some types stand on certain surfaces only."""

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
    """A `shape` for `by_type`, which has looked at ``type`` already."""
    return shape({"type": string(255), **needed}, optional, *rules)


def exactly_one(*keys: str) -> Rule:
    """Of these keys one is there, and no second."""

    def rule(value: dict[str, Any], place: Place) -> None:
        if sum(key in value for key in keys) != 1:
            place.refuse(f"must have exactly one of: {', '.join(keys)}")

    return rule
