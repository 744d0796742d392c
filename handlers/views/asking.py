"""*Ask Mia*: the buttons below a refusal, and the answers to a press."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import Block, ButtonElement
from slack_sdk.models.views import View

from handlers.views.blocks import BUTTON_VALUE, Reply, actions, button, mention, section, sentence_list, when
from handlers.views.modals import with_blocks
from store.act import Days
from store.codec import days_from_json, days_to_json, pattern_from_json, pattern_to_json
from store.week import Pattern, Subject

__all__ = [
    "Askable",
    "Wished",
    "ask_for_link",
    "ask_for_undo",
    "ask_for_week",
    "ask_for_weeks",
    "asked",
    "asked_before",
    "kept",
    "nobody_can",
    "restored",
    "said_in_place",
    "wish_in",
]


@dataclass(frozen=True, slots=True)
class Askable:
    """A person who may change ``weeks`` of the refused weeks; ``draft`` is the id of the stored request."""

    draft: str
    user_id: str
    name: str
    weeks: int


@dataclass(frozen=True, slots=True)
class Wished:
    """A refused change: pattern, first and last day (ISO, or empty), and the days the asker saw."""

    pattern: Pattern
    first: str = ""
    last: str = ""
    shown: Days | None = None


def ask_for_week(petition_id: str, subject: Subject, wished: Wished, *, name: str) -> tuple[Block, ...]:
    """*Ask Mia* below a refusal; the button's value holds the wanted change and the days the asker saw."""
    value = {"id": petition_id, "subject": subject.key, **_to_json(wished)}
    return actions(button(f"Ask {name}", "petition", value=json.dumps(value), style="primary"))


def wish_in(value: str) -> tuple[str, Subject, Wished]:
    """Decode the button value of :func:`ask_for_week`: petition id, subject and change."""
    given = json.loads(value)
    return given["id"], Subject.parse(given["subject"]), _from_json(given)


def ask_for_weeks(askable: Askable) -> ButtonElement:
    """*Ask Mia to change 4* below a dry run."""
    return button(
        f"Ask {askable.name} to change {askable.weeks}",
        f"petition_weeks:{askable.user_id}",
        value=f"{askable.draft} {askable.user_id}",
    )


def kept(subjects: Sequence[Subject], wished: Wished) -> dict[str, Any]:
    """Encode the request of *Ask Mia to change 4* for a draft, since a button has no room for 300 weeks."""
    return {"subjects": [subject.key for subject in subjects], **_to_json(wished)}


def restored(body: Mapping[str, Any]) -> tuple[list[Subject], Wished]:
    """Decode what :func:`kept` encoded."""
    return [*map(Subject.parse, body["subjects"])], _from_json(body)


def _to_json(wished: Wished) -> dict[str, Any]:
    days = {"first": wished.first, "last": wished.last}
    return {"pattern": pattern_to_json(wished.pattern), "shown": days_to_json(wished.shown), **days}


def _from_json(given: Mapping[str, Any]) -> Wished:
    """Decode a change; buttons and drafts of older versions may lack the dates."""
    return Wished(
        pattern_from_json(given["pattern"]),
        given.get("first", ""),
        given.get("last", ""),
        days_from_json(given.get("shown")),
    )


def said_in_place(view: Mapping[str, Any], value: str, reply: Reply) -> View:
    """The modal's view with the pressed button replaced by the answer."""
    blocks: list[Any] = []
    for block in view["blocks"]:
        others = [each for each in block.get("elements", ()) if each.get("value") != value]
        if block["type"] != "actions" or len(others) == len(block["elements"]):
            blocks.append(block)
            continue
        blocks += [section(reply.text), *([{**block, "elements": others}] if others else [])]
    return with_blocks(view, blocks)


def ask_for_undo(petition_id: str, act_id: str, *, name: str) -> tuple[Block, ...]:
    """*Ask Mia* below a refused undo."""
    return actions(button(f"Ask {name}", "petition_undo", value=f"{petition_id} {act_id}", style="primary"))


def ask_for_link(petition_id: str, *, typed: str, name: str) -> tuple[Block, ...]:
    """*Ask Olivia* for a person who is not linked; their command is kept and offered again once they are.

    Not if it is too long for a button: the beginning of a command is another command.
    """
    value = f"{petition_id} {typed}"
    fitting = value if len(value) <= BUTTON_VALUE else f"{petition_id} "
    return actions(button(f"Ask {name}", "petition_link", value=fitting, style="primary"))


def asked(whom: Sequence[str], ends_at: datetime) -> Reply:
    """The answer after a petition was sent."""
    they = sentence_list(mention(each) for each in whom)
    return Reply.saying(
        f"I’ve asked {they} and will tell you the answer. They can answer until {when(ends_at)}."
    )


def asked_before() -> Reply:
    """The answer to a second press."""
    return Reply.saying("I’ve already asked for this and will tell you as soon as it is decided.")


def nobody_can() -> Reply:
    """The answer if nobody who could decide is left."""
    return Reply.saying("There is nobody left to ask, so I asked nobody.")
