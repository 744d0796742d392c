"""What to say, and which buttons to offer, when a request cannot be carried out as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    Option,
    PlainTextObject,
    StaticSelectElement,
    UserSelectElement,
)

from handlers.asked import Problem, Verb
from handlers.views.blocks import Reply, actions, button, escape, mention, section, sentence_list
from store.directory import Entry
from store.weekdays import Lock

__all__ = ["locked", "no_such", "not_linked", "pick_person", "problem", "several"]

OPTIONS = 100


def problem(found: Problem, *, command: str) -> Reply:
    """A text that was not understood: what was meant, in one tap, or two examples."""
    text = escape(found.sentence)
    blocks: list[Block] = [section(text)]
    offers = [
        button(each.label, f"run:{number}", value=each.command[:2000], style=None if number else "primary")
        for number, each in enumerate(found.suggestions[:5])
    ]
    blocks.extend(actions(*offers))
    examples = [f"`{command} {escape(example)}`" for example in found.examples]
    if examples:
        line = f"For example {sentence_list(examples, last='or')}."
        blocks.append(section(line))
        text = f"{text} {line}"
    return Reply(text, tuple(blocks))


def not_linked(user_id: str, *, is_asker: bool, admins: Sequence[str], asker_is_admin: bool) -> Reply:
    """Slack and Focus do not agree on an e-mail, and nobody has joined the two yet."""
    whom = "you are" if is_asker else f"{mention(user_id)} is"
    text = f"I don’t know yet who {whom} in Toggl Focus: no Focus user has the same confirmed e-mail."
    if asker_is_admin:
        link = button("Link…", "link_open", value=user_id, style="primary")
        return Reply.saying(f"{text} You can link them.", *actions(link))
    who = sentence_list([mention(admin) for admin in admins[:3]], last="or")
    return Reply.saying(f"{text} {who} can link {'you' if is_asker else 'them'}.")


def no_such(name: str, *, command: str) -> Reply:
    """A name that nobody has; perhaps it was meant as a verb."""
    near = get_close_matches(name.casefold(), [verb.value for verb in Verb], n=3, cutoff=0.5)
    meant = f" Did you mean {sentence_list([f'`{verb}`' for verb in near], last='or')}?" if near else ""
    return Reply.saying(
        f"Nobody in Toggl Focus and no placeholder is called “{escape(name)}”.{meant}"
        f" For example `{command} me` or `{command} set mon-thu 8, fri off`; for people use an @mention.",
        *actions(
            *(button(f"{command} {verb}", f"run:{number}", value=verb) for number, verb in enumerate(near)),
            button("Placeholders", "run:placeholders", value="placeholders"),
            button("Help", "run:help", value="help"),
        ),
    )


def several(name: str, entries: Sequence[Entry], *, command: str) -> Reply:
    """A name that more than one has: a picker that looks, because a name alone must not write."""
    text = f"{len(entries)} are called something like “{escape(name)}”. Which one?"
    options = [
        Option(
            value=entry.subject.key,
            text=PlainTextObject(text=entry.name[:75] or "(no name)"),
            description=PlainTextObject(text=_kind(entry)[:75]),
        )
        for entry in entries[:OPTIONS]
    ]
    select = StaticSelectElement(
        action_id="look_picked", placeholder=PlainTextObject(text="Choose"), options=options
    )
    hint = f'To change one, use an @mention or the name in quotes: `{command} set "Designer 1" mon 8`.'
    return Reply(f"{text} {hint}", (section(text), ActionsBlock(elements=[select]), section(hint)))


def pick_person(text: str, *, rest: str) -> Reply:
    """A people picker that keeps the rest of what was typed."""
    select = UserSelectElement(action_id="person_picked", placeholder=PlainTextObject(text="Choose a person"))
    block_id = f"rest:{rest}"[:255]
    return Reply(text, (section(text), ActionsBlock(elements=[select], block_id=block_id)))


def locked(lock: Lock, *, admins: Sequence[str]) -> Reply:
    """Nothing is written to Focus until an admin has looked."""
    who = sentence_list([mention(admin) for admin in admins[:3]], last="or")
    match lock.code:
        case "unproven":
            why = (
                "I don’t write to Toggl Focus yet: it must be confirmed once that I read its weekdays"
                f" correctly. {who} can do that."
            )
        case "impossible":
            why = (
                f"I stopped all changes: Toggl Focus sent the weekday number {escape(lock.seen)}, which"
                f" cannot be under the configured numbering. {who} has to look at `FOCUS_WEEKDAYS`."
            )
        case _:
            why = (
                f"I stopped all changes: a change moved days that it should not have ({escape(lock.seen)})."
                f" {who} has to look before I write again."
            )
    return Reply.saying(f"{why} Nothing was changed.")


def _kind(entry: Entry) -> str:
    return "placeholder" if entry.subject.kind == "placeholder" else entry.email or "person"
