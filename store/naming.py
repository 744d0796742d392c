"""Find where a person is named in other people's requests and messages, and extract what is about them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

__all__ = ["Naming"]


@dataclass(frozen=True, slots=True)
class Naming:
    """One person's ids, names and addresses, and the names and addresses of everybody else."""

    ids: tuple[str, ...]
    words: tuple[str, ...]
    others: tuple[str, ...] = ()

    def names(self, value: object) -> bool:
        """Whether the person is named anywhere in a JSON value."""
        return bool(re.search(_any(self.ids, self.words), json.dumps(value, ensure_ascii=False)))

    def about(self, value: Any) -> Any:
        """The JSON value reduced to what is about the person.

        Lists keep only the items that name the person (all, if none does); other people's names become "…".
        """
        match value:
            case list():
                theirs = [each for each in value if self.names(each)]
                return [self._entry(each) for each in theirs or value]
            case dict():
                return {key: self.about(each) for key, each in value.items()}
            case str():
                unlabelled = re.sub(r"(<@\w+)\|[^>]*>", r"\1>", value)
                return re.sub(_any((), self.others), "…", unlabelled) if self.others else unlabelled
            case _:
                return value

    def _entry(self, value: Any) -> Any:
        """Reduce one item of a list; an inner list is a subject with its days, so all its parts are kept."""
        return [self.about(part) for part in value] if isinstance(value, list) else self.about(value)

    def without(self, body: dict[str, Any]) -> dict[str, Any] | None:
        """The body of a request for several subjects without this person; ``None`` if nobody else is left."""
        left: dict[str, Any] = {}
        for key, value in body.items():
            if not self.names(value):
                left[key] = value
            elif isinstance(value, list) and (rest := [each for each in value if not self.names(each)]):
                left[key] = rest
            else:
                return None
        return left


def _any(ids: Collection[str], words: Collection[str]) -> str:
    """A regular expression that finds these ids and names in JSON text, longest first, as whole words."""
    escaped = sorted((re.escape(json.dumps(word, ensure_ascii=False)[1:-1]) for word in words), key=len)
    named = [rf"(?<![\w.+@-]){each}(?!\w)" for each in reversed(escaped)]
    return "|".join([*(rf"\b{re.escape(each)}\b" for each in ids), *named])
