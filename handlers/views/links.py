"""Messages about links, the picker that makes one, and the overview for admins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    ExternalDataSelectElement,
    InputBlock,
    Option,
    PlainTextObject,
)
from slack_sdk.models.views import View

from handlers.likeness import likeliest
from handlers.views import lists
from handlers.views.blocks import (
    Reply,
    actions,
    button,
    context,
    literal,
    mention,
    section,
    sentence_list,
)
from handlers.views.modals import FieldError, modal
from store.directory import Entry
from store.links import Link, Overview, SlackPerson

__all__ = [
    "CALLBACK",
    "TITLE",
    "build",
    "cannot_link",
    "choice",
    "focus_name",
    "linked",
    "listed",
    "no_focus_user",
    "not_linked",
    "offer",
    "overview",
    "read",
    "unlinked",
    "you_are",
]

CALLBACK = "link"
PICKER = "focus_user"
TITLE = "Link to Toggl Focus"
SHOWN = 20
"""The most people shown of each kind, to stay far below a message's 50 blocks."""
SHOWN_LEFT = 10
UNCONFIRMED = "the e-mail address in Slack is not confirmed"


def focus_name(entry: Entry) -> str:
    """A Focus user so that no two read the same."""
    mail = f"{literal(entry.email)}, " if entry.email else ""
    return f"*{literal(entry.name)}* ({mail}Focus user {entry.subject.id})"


def you_are(entry: Entry, *, command: str) -> Reply:
    """The answer about the reader's own link."""
    return Reply.saying(
        f"You are linked to {focus_name(entry)} in Toggl Focus. Your week: `{command}`."
        f" Not you? `{command} unlink`"
    )


def introduction(entry: Entry, link: Link, *, command: str) -> str:
    """The one-time note about who the reader is in Focus, how they were linked, and how to unlink."""
    ways = {"email": "by your e-mail address", "file": "from a list that an admin brought"}
    by = ways.get(link.method, f"by {mention(link.linked_by)}")
    return f"In Toggl Focus you are *{literal(entry.name)}*, linked {by}. Wrong? `{command} unlink`"


def linked(user_id: str, entry: Entry) -> Reply:
    """The answer after a link was made."""
    return Reply.saying(f"{mention(user_id)} is now linked to {focus_name(entry)} in Toggl Focus.")


def unlinked(user_id: str, entry: Entry, *, reader: str, admins: Sequence[str], command: str) -> Reply:
    """The answer after a link was removed, with how to restore it."""
    whom = "You are" if user_id == reader else f"{mention(user_id)} is"
    who = "You" if reader in admins else sentence_list([mention(each) for each in admins[:3]], last="or")
    return Reply.saying(
        f"{whom} not linked to {focus_name(entry)} any more. The week in Toggl Focus stays as it is, and the"
        f" e-mail address will not join the two again. {who} can, with {command} link"
        f" {mention(user_id)} {entry.subject.id}."
    )


def not_linked(user_id: str, *, reader: str, command: str) -> Reply:
    """The answer if there is no link to remove."""
    whom, example = ("You are", "link") if user_id == reader else (f"{mention(user_id)} is", "link @ana")
    return Reply.saying(
        f"{whom} not linked to Toggl Focus, so I changed nothing. `{command} {example}` links."
    )


def cannot_link(user_id: str) -> Reply:
    """The answer for bots, people who left, and other organizations' people, who cannot be linked."""
    return Reply.saying(
        f"{mention(user_id)} can’t be linked: only people who are active in this workspace can."
    )


def no_focus_user(focus_id: int, *, command: str) -> Reply:
    """The answer for a Focus user id that Focus does not list."""
    return Reply.saying(
        f"Toggl Focus lists no user {focus_id}. `{command} links` shows the numbers of those not linked yet."
    )


def offer(user_id: str, entry: Entry | None) -> Reply:
    """A button that opens the picker, or the existing link."""
    if entry:
        return Reply.saying(
            f"{mention(user_id)} is already linked to {focus_name(entry)}. Unlink them first to change that."
        )
    press = button("Link…", "link_open", value=user_id, style="primary")
    return Reply.saying(f"Who is {mention(user_id)} in Toggl Focus?", *actions(press))


# ------------------------------------------------------------------ the picker


def choice(entry: Entry) -> str:
    """An option's text in the picker, plain."""
    mail = f" · {entry.email}" if entry.email else ""
    return f"{entry.name}{mail}{' · linked' if entry.slack_user_id else ''}"


def build(person: SlackPerson, *, chosen: Entry | None) -> View:
    """The searchable picker with the likeliest Focus user chosen."""
    option = chosen and Option(
        value=str(chosen.subject.id), text=PlainTextObject(text=choice(chosen)[:75] or "–", emoji=False)
    )
    why = "Chosen because the names are alike: look twice." if chosen else "Nobody there has a name like it."
    if person.unconfirmed:
        why = f"{why} Be sure who this is: {UNCONFIRMED}."
    blocks: list[Block] = [
        section(f"Who is {mention(person.id)} in Toggl Focus?"),
        InputBlock(
            block_id=PICKER,
            label="Focus user",
            hint="Type part of the name or e-mail address",
            element=ExternalDataSelectElement(
                action_id=PICKER,
                placeholder=PlainTextObject(text="Search"),
                initial_option=option or None,
                min_query_length=0,
            ),
        ),
        context(why),
    ]
    return modal(
        TITLE,
        blocks,
        callback_id=CALLBACK,
        submit="Link",
        close="Cancel",
        private_metadata=person.id,
    )


def read(view: Mapping[str, Any]) -> tuple[str, int]:
    """The Slack user and the id of the chosen Focus user.

    Raises:
        FieldError: nobody is chosen.
    """
    chosen = view["state"]["values"][PICKER][PICKER].get("selected_option")
    if not chosen:
        raise FieldError({PICKER: "Choose who this is in Toggl Focus."})
    return str(view["private_metadata"]), int(chosen["value"])


# ------------------------------------------------------------------ everybody


def overview(found: Overview, *, note: str, command: str) -> Reply:
    """The overview: how many people are linked, and who is not, with a button for each likely match."""
    count = len(found.links)
    title = f"{count} {'person is' if count == 1 else 'people are'} linked to Toggl Focus."
    blocks: list[Block] = [section(f"{note}\n{title}".strip())]
    sentences = [note, title] if note else [title]
    for heading, count, hint, pairs in (
        (
            "Linked, and not active any more",
            len(found.left),
            f"`{command} unlink @name`",
            [_inactive(number, entry) for number, entry in enumerate(found.left[:SHOWN_LEFT])],
        ),
        (
            "In Slack, not linked",
            len(found.unmatched_slack),
            f"`{command} link @name` opens the same picker",
            [
                _pair(number, person, found.unmatched_focus)
                for number, person in enumerate(found.unmatched_slack[:SHOWN])
            ],
        ),
    ):
        if pairs:
            blocks.append(section(f"*{heading}: {count}*"))
            blocks.extend(section(line, accessory=press) for line, press in pairs)
            blocks.extend(_more(count - len(pairs), hint))
            sentences += [f"{heading}: {count}.", *(line for line, _ in pairs)]
    for heading, entries in (
        ("In Toggl Focus, not linked", found.unmatched_focus),
        ("Sharing an e-mail address, so linked only by hand", found.ambiguous),
    ):
        if entries:
            shown = [focus_name(entry) for entry in entries[:SHOWN]]
            blocks.extend(lists.listed(f"{heading}: {len(entries)}", [*map(lists.Item, shown)], paragraphs=3))
            blocks.extend(_more(len(entries) - len(shown), f"`{command} link @name` finds them by name"))
            named = sentence_list(shown)
            sentences.append(f"{heading}: {len(entries)}. {named}.")
    if not (found.left or found.unmatched_slack or found.unmatched_focus or found.ambiguous):
        blocks.append(context("Nobody is left over on either side."))
    return Reply(" ".join(sentences), tuple(blocks))


def listed(entries: Sequence[Entry]) -> str:
    """Focus users in one line of plain text."""
    return sentence_list(f"{entry.name} ({entry.email}, {entry.subject.id})" for entry in entries[:SHOWN])


def _pair(number: int, person: SlackPerson, free: Sequence[Entry]) -> tuple[str, Any]:
    likely = likeliest(person, free)
    who = f"{mention(person.id)}: {UNCONFIRMED};" if person.unconfirmed else f"{mention(person.id)}:"
    if likely is None:
        press = button("Link…", f"link_open:{number}", value=person.id, says=f"Link {person.name}")
        return f"{who} nobody in Toggl Focus has a name like it.", press
    press = button(
        "Link",
        f"link_one:{number}",
        value=f"{person.id} {likely.subject.id}",
        says=f"Link {person.name} to {likely.name}",
    )
    return f"{who} most likely {focus_name(likely)}.", press


def _inactive(number: int, entry: Entry) -> tuple[str, Any]:
    """A link with an inactive user, with its *Unlink* button; it stays until an admin removes it."""
    user_id = entry.slack_user_id or ""
    press = button("Unlink", f"unlink_one:{number}", value=str(entry.subject.id), says=f"Unlink {entry.name}")
    where = "Slack" if entry.active else "Toggl Focus"
    return f"{mention(user_id)} and {focus_name(entry)}: not active in {where}.", press


def _more(count: int, hint: str) -> tuple[Block, ...]:
    return (context(f"and {count} more: {hint}"),) if count > 0 else ()
