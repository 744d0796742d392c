"""The summary of a person's stored data, and its deletion with a confirmation dialog."""

from __future__ import annotations

from collections.abc import Mapping, Sized

from slack_sdk.models.blocks import ButtonElement, ConfirmObject, MarkdownTextObject, PlainTextObject

from handlers.views.blocks import Reply, actions, button, context, mention, section, sentence_list
from store.personal import HELD

__all__ = ["FILE", "deleted", "in_dm", "nothing", "summary"]

FILE = "my-data.json"

_STAYS = "The journal keeps ids and hours of past changes until its own time is over, no names."


def summary(user_id: str, held: Mapping[str, Sized], *, own: bool) -> Reply:
    """How many entries of each kind are stored; with *Delete* for an admin."""
    whom = "you" if own else mention(user_id)
    lines = [f"• {_many(title, len(found))}" for title, found in held.items() if found]
    total = sum(len(found) for found in held.values())
    text = (
        f"I keep {_many('entry', total)} about {whom}:"
        f" {sentence_list(line.removeprefix('• ') for line in lines)}."
        f" The file `{FILE}` has them all, word by word."
    )
    blocks = [section(f"*What I keep about {whom}*\n" + "\n".join(lines))]
    if own:
        ask = "To have them deleted, ask an admin."
        blocks.append(context(f"`{FILE}` has them all, word by word. {ask}"))
        return Reply(f"{text} {ask}", tuple(blocks))
    stays = f"Weeks stay in Toggl Focus. {_STAYS}"
    blocks.append(context(f"`{FILE}` has them all, word by word. {stays}"))
    return Reply(f"{text} {stays}", (*blocks, *actions(_delete(user_id))))


def nothing(user_id: str, *, own: bool) -> Reply:
    """The answer if nothing is stored about the person."""
    return Reply.saying(f"I keep nothing about {'you' if own else mention(user_id)}.")


def in_dm(user_id: str, *, own: bool) -> Reply:
    """The answer outside direct messages: the file was sent there."""
    whom = "you" if own else mention(user_id)
    return Reply.saying(f"What I keep about {whom} is in our direct messages now, as a file.")


def deleted(user_id: str, counts: Mapping[str, int]) -> Reply:
    """The answer after erasure: what was deleted, and what stays and why."""
    gone = [
        _many(held.title, counts[held.title]) for held in HELD.values() if held.erase and counts[held.title]
    ]
    what = sentence_list(gone) or "nothing that could be deleted"
    return Reply.saying(
        f"Deleted what I kept about {mention(user_id)}: {what}. {_STAYS} In Toggl Focus nothing was changed;"
        " as long as they are a user there, their name is listed again by the next daily look."
    )


def _delete(user_id: str) -> ButtonElement:
    ask = button("Delete…", "forget", value=user_id, style="danger", says="Delete what is kept about them")
    ask.confirm = ConfirmObject(
        title=PlainTextObject(text="Delete this person’s data?"),
        text=MarkdownTextObject(
            text=f"The link, rights, confirmations, messages and requests of {mention(user_id)} are deleted."
            " This cannot be undone."
        ),
        confirm=PlainTextObject(text="Delete"),
        deny=PlainTextObject(text="Keep"),
        style="danger",
    )
    return ask


def _many(title: str, number: int) -> str:
    """Format a count: ``1 link to Toggl Focus``, ``3 × request made in Slack``, ``5 entries``."""
    if title == "entry":
        return f"{number} {'entry' if number == 1 else 'entries'}"
    return f"1 {title}" if number == 1 else f"{number} × {title}"
