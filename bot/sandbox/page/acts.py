"""The actions on the page, performed by the :class:`Human` of the local Slack whom the person acts as."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.sandbox.page.snapshot import plain_values
from bot.sandbox.page.stage import Stage
from bot.sandbox.slack.human import Human
from bot.sandbox.slack.workspace import Json, Message, View

__all__ = ["ACTS", "Act"]

Act = Callable[[Stage, Human, Json], Awaitable[Json]]


async def say(stage: Stage, human: Human, asked: Json) -> Json:
    """Send the text in the composer; Slack shows errors in the channel."""
    del stage
    await human.types(asked["channel"], asked["text"])
    return {}


async def click(stage: Stage, human: Human, asked: Json) -> Json:
    """Press a button or pick from a menu; what was typed in the same view is sent along."""
    where = _where(stage, human, asked["where"])
    _fill(human, where, asked.get("values", {}))
    value = asked.get("value")
    chosen = None if isinstance(value, str) and not _picks(where, asked) else value
    await human.click(where, asked["action_id"], block_id=asked["block_id"], selected=chosen)
    return {}


async def fill(stage: Stage, human: Human, asked: Json) -> Json:
    """Fill in fields of a form that is submitted later."""
    _fill(human, _where(stage, human, asked["where"]), asked["values"])
    return {}


async def suggest(stage: Stage, human: Human, asked: Json) -> Json:
    """Type into a menu whose options come from the bot, and return the options."""
    where = _where(stage, human, asked["where"])
    return {"options": await human.suggest(where, asked["action_id"], asked["typed"])}


async def submit(stage: Stage, human: Human, asked: Json) -> Json:
    """Submit a modal with the values typed in it."""
    view = _view(stage, human, asked["view"])
    _fill(human, view, asked.get("values", {}))
    await human.submit(view)
    return {}


async def close(stage: Stage, human: Human, asked: Json) -> Json:
    """Close a modal, or with ``all`` the whole stack."""
    await human.close(_view(stage, human, asked["view"]), all=bool(asked.get("all")))
    return {}


async def tab(stage: Stage, human: Human, asked: Json) -> Json:
    """Open the bot's Home or Messages tab."""
    del stage
    if asked["tab"] == "home":
        await human.open_home()
    else:
        await human.open_messages()
    return {}


async def read(stage: Stage, human: Human, asked: Json) -> Json:
    """Mark all messages in a channel as read."""
    stage.read(human.id, asked["channel"])
    return {}


async def fault(stage: Stage, human: Human, asked: Json) -> Json:
    """Switch a fault on or off."""
    del human
    stage.turn(asked["key"], on=bool(asked["on"]))
    return {}


async def clock(stage: Stage, human: Human, asked: Json) -> Json:
    """Move the clock by ``seconds``, or to the moment named in ``to`` (``due``, ``monday``, ``month``)."""
    match asked.get("to"):
        case "due":
            await stage.move_to_next_due()
        case "monday":
            await stage.move(lambda: stage.next_monday(human.id))
        case "month":
            await stage.move(lambda: stage.next_month(human.id))
        case _:
            later = timedelta(seconds=float(asked["seconds"]))
            await stage.move(lambda: stage.clock.now() + later)
    return {}


async def week(stage: Stage, human: Human, asked: Json) -> Json:
    """Set the hours of one day in Focus, as on Focus's own page."""
    del human
    typed = asked["hours"]
    try:
        hours = None if typed is None else Decimal(typed)
    except InvalidOperation:
        raise ValueError(f"“{typed}” is not a number of hours") from None
    stage.focus.put_rows(asked["kind"], int(asked["id"]), {int(asked["day"]): hours})
    stage.changed.fire()
    return {}


async def reset(stage: Stage, human: Human, asked: Json) -> Json:
    """Reset the sandbox and the page."""
    del human, asked
    await stage.reset()
    return {}


ACTS: dict[str, Act] = {
    act.__name__: act
    for act in (say, click, fill, suggest, submit, close, tab, read, fault, clock, week, reset)
}


# ---------------------------------------------------------------- what is meant
def _where(stage: Stage, human: Human, place: Json) -> Message | View:
    if "view" in place:
        return _view(stage, human, place["view"])
    message = human.place(place["channel"]).message(place["ts"])
    if message is None:
        raise LookupError("This message is gone.")
    return message


def _view(stage: Stage, human: Human, view_id: str) -> View:
    view = stage.slack.world.views.get(view_id)
    if view is None or view.user != human.id:
        raise LookupError("This view is closed.")
    return view


def _picks(where: Message | View, asked: Json) -> bool:
    """Whether the element is one that holds a value, and so not a button."""
    for block in where.blocks:
        if block["block_id"] == asked["block_id"]:
            inside: list[Any] = [block.get("accessory"), block.get("element"), *block.get("elements", ())]
            kinds = [each["type"] for each in inside if each and each.get("action_id") == asked["action_id"]]
            return kinds != ["button"]
    return False


def _fill(human: Human, where: Message | View, values: dict[str, dict[str, Any]]) -> None:
    """Put typed values into a view, except those of fields that an update has removed."""
    if not isinstance(where, View):
        return
    known = plain_values(where.values)
    inputs = {block["block_id"] for block in where.blocks if block["type"] == "input"}
    for block_id, actions in values.items():
        for action_id, value in actions.items():
            if action_id in known.get(block_id, {}) and known[block_id][action_id] != value:
                human.fill(where, block_id if block_id in inputs else action_id, value)
