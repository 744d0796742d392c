"""The summary of a person's stored data, and its deletion with a confirmation dialog."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from datetime import timedelta

from slack_sdk.models.blocks import ButtonElement

from handlers.views.blocks import (
    Reply,
    actions,
    button,
    confirmed,
    context,
    mention,
    section,
    sentence_list,
)
from handlers.views.words import counted
from store.held import DECISIONS, HELD
from store.personal import Erased

__all__ = ["FILE", "deleted", "in_dm", "nothing", "summary"]

FILE = "my-data.json"

_WORDS: Mapping[str, tuple[str, str]] = {
    "links": ("link to Toggl Focus", "links to Toggl Focus"),
    "unlinked": ("link that was removed", "links that were removed"),
    "people": ("entry in Toggl Focus’s list of users", "entries in Toggl Focus’s list of users"),
    "weeks": ("copy of {your} week", "copies of {your} week"),
    "capacities": ("week of {your} hours by date", "weeks of {your} hours by date"),
    "confirmations": ("confirmation of a week", "confirmations of a week"),
    "snoozes": ("request not to be asked for a while", "requests not to be asked for a while"),
    "grants": ("right to change weeks", "rights to change weeks"),
    "user_group_members": ("user group membership", "user group memberships"),
    "acts": ("request made by or about {you}", "requests made by or about {you}"),
    "changes": ("change to {your} week or made by {you}", "changes to {your} week or made by {you}"),
    "plans": ("planned change to {your} week or by {you}", "planned changes to {your} week or by {you}"),
    "reminders": ("reminder managed by {you}", "reminders managed by {you}"),
    "run_people": ("reminder that named {you}", "reminders that named {you}"),
    "drafts": ("preview or question by or about {you}", "previews or questions by or about {you}"),
    "outbox": ("message I sent to or about {you}", "messages I sent to or about {you}"),
    "leavers": ("note about leaving Slack", "notes about leaving Slack"),
    DECISIONS: ("decision of {yours} about others", "decisions of {yours} about others"),
}
"""Table, or what is in none of its own -> one and several of its rows, as a person reads it."""
_YOU = {"you": "you", "your": "your", "yours": "yours"}
_THEM = {"you": "them", "your": "their", "yours": "theirs"}
_TITLES = {table: each.title for table, each in HELD.items()} | {DECISIONS: DECISIONS}


def summary(user_id: str, held: Mapping[str, Sized], *, own: bool, keep: timedelta) -> Reply:
    """How many entries of each kind are stored; with *Delete* for an admin."""
    whom = "you" if own else mention(user_id)
    counts = {title: len(found) for title, found in held.items()}
    kept = [_many(table, counts[title], own=own) for table, title in _TITLES.items() if counts[title]]
    text = f"I keep this about {whom}: {sentence_list(kept)}. The file `{FILE}` has all of it, word for word."
    blocks = [section(f"*What I keep about {whom}*\n" + "\n".join(f"• {each}" for each in kept))]
    if own:
        ask = "To have it deleted, ask an admin."
        blocks.append(context(f"`{FILE}` has all of it, word for word. {ask}"))
        return Reply(f"{text} {ask}", tuple(blocks))
    stays = f"Weeks stay in Toggl Focus. {_stays(keep)}"
    blocks.append(context(f"`{FILE}` has all of it, word for word. {stays}"))
    return Reply(f"{text} {stays}", (*blocks, *actions(_delete(user_id))))


def nothing(user_id: str, *, own: bool) -> Reply:
    """The answer if nothing is stored about the person."""
    return Reply.saying(f"I keep nothing about {'you' if own else mention(user_id)}.")


def in_dm(user_id: str, *, own: bool) -> Reply:
    """The answer outside direct messages: the file was sent there."""
    whom = "you" if own else mention(user_id)
    return Reply.saying(f"What I keep about {whom} is in our direct messages now, as a file.")


def deleted(user_id: str, erased: Erased, *, keep: timedelta) -> Reply:
    """The answer after erasure: what was deleted, what is the admin's now, and what stays and why."""
    gone = [
        _many(table, number, own=False)
        for table, held in HELD.items()
        if (number := erased.deleted.get(held.title, 0))
    ]
    what = sentence_list(gone) or "nothing that could be deleted"
    over = [counted(erased.reminders, "reminder")] if erased.reminders else []
    if erased.plans:
        over.append(f"{counted(erased.plans, 'change')} that they had planned for others")
    yours = f" Yours now: {sentence_list(over)}." if over else ""
    return Reply.saying(
        f"Deleted what I kept about {mention(user_id)}: {what}.{yours} {_stays(keep)} Nothing was"
        " changed in Toggl Focus: as long as they are a user there, their name is listed again by the next"
        " daily look."
    )


def _delete(user_id: str) -> ButtonElement:
    ask = button("Delete…", "forget", value=user_id, style="danger", says="Delete what is kept about them")
    gone = f"The link, rights, confirmations, messages and requests of {mention(user_id)} are deleted."
    return confirmed(ask, "Delete this person’s data?", f"{gone} This cannot be undone.")


def _many(table: str, number: int, *, own: bool) -> str:
    """``1 link to Toggl Focus``, ``3 requests made by or about you``."""
    words = _WORDS[table][number != 1].format(**(_YOU if own else _THEM))
    return f"{number} {words}"


def _stays(keep: timedelta) -> str:
    return (
        f"The change log keeps ids and hours, without names, for {counted(keep.days, 'day')}. What they"
        " decided about others keeps their id."
    )
