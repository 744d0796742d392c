"""Replies for requests that cannot be carried out as they are, with buttons that help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    Option,
    PlainTextObject,
    StaticSelectElement,
    UserSelectElement,
)

from handlers.asked import Asked, Ghost, Me, Mention, Problem, Quoted, SubjectRef, Unquoted, Verb, echoed
from handlers.grammar import TIME_OFF, near, speaks_of_time_off
from handlers.grammar import command as spelled
from handlers.slack_users import Standing
from handlers.views.blocks import (
    BUTTON_VALUE,
    Reply,
    actions,
    button,
    escape,
    literal,
    mention,
    section,
    sentence_list,
)
from handlers.views.week import Who
from store.access import Action, NotAllowedError, Refusal
from store.directory import Entry
from store.weekdays import Lock

__all__ = [
    "as_board",
    "compare_week",
    "locked",
    "no_such",
    "not_allowed",
    "not_linked",
    "pick_person",
    "problem",
    "several",
    "typed",
]

OPTIONS = 100
OPTION_VALUE = 150
KEPT = 250
"""The longest command, in characters, that fits into a block id after ``rest:``."""

_WITH_KEY = {Verb.LOOK: "look_picked", Verb.EDIT: "edit", Verb.HISTORY: "history"}
"""Routes of buttons whose value is a subject key."""

_NO_WEEK = {
    Standing.BOT: "is an app, and apps have no working hours",
    Standing.GONE: "has left this workspace, and was not linked to anybody in Toggl Focus",
    Standing.ELSEWHERE: "belongs to another organization, so their week is not in this Toggl Focus",
}


def problem(found: Problem, *, command: str) -> Reply:
    """The reply for a :class:`Problem`: its sentence, suggestion buttons and examples.

    A suggestion too long for a button is left out: the beginning of a command is another command.
    """
    text = escape(found.sentence)
    blocks: list[Block] = [section(text)]
    offers = [
        button(
            each.label,
            f"run:{number}",
            value=each.command,
            style=None if number else "primary",
        )
        for number, each in enumerate(found.suggestions)
        if len(each.command) <= BUTTON_VALUE
    ]
    blocks.extend(actions(*offers))
    examples = [f"`{command} {escape(example)}`" for example in found.examples]
    if examples:
        line = f"For example {sentence_list(examples, last='or')}."
        blocks.append(section(line))
        text = f"{text} {line}"
    return Reply(text, tuple(blocks))


def not_linked(
    user_id: str,
    *,
    is_asker: bool,
    standing: Standing,
    parted: bool,
    unconfirmed: bool,
    command: str,
    admins: Sequence[str],
    asker_is_admin: bool,
) -> Reply:
    """The reply for a Slack user without a link, with the reason and who can link them."""
    if standing in _NO_WEEK:
        return Reply.saying(f"{mention(user_id)} {_NO_WEEK[standing]}.")
    whom = "you are" if is_asker else f"{mention(user_id)} is"
    why = "no Focus user has the same confirmed e-mail."
    if parted:
        why = "the link was taken back."
    elif unconfirmed:
        why = f"{'your' if is_asker else 'their'} e-mail address in Slack is not confirmed."
        why += f" Confirm it, then type `{command} link`." if is_asker else " They have to confirm it."
    text = f"I don’t know {'any more' if parted else 'yet'} who {whom} in Toggl Focus: {why}"
    if asker_is_admin:
        link = button("Link…", "link_open", value=user_id, style="primary")
        return Reply.saying(f"{text} You can link them.", *actions(link))
    who = sentence_list([mention(admin) for admin in admins[:3]], last="or")
    return Reply.saying(f"{text} {who} can link {'you' if is_asker else 'them'}.")


def not_allowed(error: NotAllowedError, entry: Entry | None, *, command: str, guests_see_own: bool) -> str:
    """The sentence for somebody who may not do what they asked, with those who could.

    ``entry`` is the subject, if the refusal is about one that is known.
    """
    who = sentence_list([mention(user) for user in error.who_can[:3]], last="or")
    could = f" {who} can." if who else ""
    label = Who.of(entry).label if entry else "this person"
    match error.refusal:
        case Refusal.OUTSIDER:
            return "Only members of this workspace can use me."
        case Refusal.GUEST if guests_see_own:
            return f"As a guest you can use me for your own week only: `{command} me` shows it."
        case Refusal.GUEST:
            return f"Guests can’t use me here.{f' Questions? Ask {who}.' if who else ''}"
        case Refusal.SELF_EDIT_OFF:
            return f"You can’t change your own week here.{could}"
        case Refusal.VIEW_RESTRICTED:
            return f"You can’t see {label}’s week.{could}"
        case Refusal.NOT_OWNER:
            return f"Only the reminder’s owner and admins can change it.{could}"
        case _ if error.action is Action.REMIND:
            return f"Only managers and admins can make reminders.{could}"
        case Refusal.NOT_ADMIN:
            return f"Only a bot admin can do that{f': {who}' if who else ''}."
        case _ if error.action is Action.SEE_HISTORY:
            return f"You can’t read the history of {label}’s week.{could}"
        case _:
            return f"You can’t change {label}’s week.{could}"


def no_such(name: str, *, command: str) -> Reply:
    """The reply for an unknown name, suggesting similar verbs."""
    verbs = near(name.casefold(), Verb)
    meant = f" Did you mean {sentence_list([f'`{verb}`' for verb in verbs], last='or')}?" if verbs else ""
    nobody = f"Nobody in Toggl Focus and no placeholder is called “{literal(echoed(name))}”."
    if name.startswith("ghost:"):
        nobody = f"Toggl Focus has no placeholder with the number {escape(name.removeprefix('ghost:'))}."
    if speaks_of_time_off(name):
        nobody, meant = f"{nobody} {escape(TIME_OFF)}", ""
    return Reply.saying(
        f"{nobody}{meant}"
        f" For example `{command} me` or `{command} set mon-thu 8, fri off`; for people use an @mention.",
        *actions(
            *(button(f"{command} {verb}", f"run:{number}", value=verb) for number, verb in enumerate(verbs)),
            button("Placeholders", "run:placeholders", value="placeholders"),
            button("Help", "run:help", value="help"),
        ),
    )


def several(name: str, entries: Sequence[Entry], *, asked: Asked) -> Reply:
    """A name that is not one subject's: whoever is chosen takes its place in what was asked."""
    text = f"{len(entries)} are called something like “{literal(echoed(name))}”. Which one?"
    if len(entries) == 1:
        text = (
            f"No placeholder is called “{literal(echoed(name))}”. Did you mean *{literal(entries[0].name)}*?"
        )
    if asked.verb in {Verb.SET, Verb.CLEAR}:
        text = f"{text} Nothing is changed before you choose."
    action, meant = _once_chosen(name, entries, asked)
    if len(meant) == 1:
        ((entry, value),) = meant
        return Reply.saying(text, *actions(button(entry.name or "(no name)", action, value=value)))
    options = [
        Option(
            value=value,
            text=PlainTextObject(text=entry.name[:75] or "(no name)"),
            description=PlainTextObject(text=_kind(entry)[:75]),
        )
        for entry, value in meant[:OPTIONS]
    ]
    select = StaticSelectElement(
        action_id=action, placeholder=PlainTextObject(text="Choose"), options=options
    )
    return Reply.saying(text, ActionsBlock(elements=[select]))


def _once_chosen(name: str, entries: Sequence[Entry], asked: Asked) -> tuple[str, list[tuple[Entry, str]]]:
    """The route that continues the command, and the value to send it for each entry."""
    keys = [(entry, entry.subject.key) for entry in entries]
    if asked.verb in _WITH_KEY and len(asked.subjects) == 1:
        return _WITH_KEY[asked.verb], keys
    lines = [(entry, _naming(entry, name, asked)) for entry in entries]
    people = any(
        entry.subject.kind == "person" for entry in entries
    )  # only placeholders have numbers to type
    if people or any(len(line) > OPTION_VALUE for _, line in lines):
        return "look_picked", keys
    return "run", lines


def _naming(entry: Entry, name: str, asked: Asked) -> str:
    """The command with the placeholder's id in place of the name."""
    subjects = (
        Ghost(entry.subject.id) if isinstance(ref, Quoted | Unquoted) and ref.name == name else ref
        for ref in asked.subjects
    )
    return spelled(replace(asked, subjects=tuple(subjects)))


def typed(entry: Entry) -> str:
    """How to name somebody in a line that changes their week."""
    if entry.subject.kind == "person":
        return "@name"
    return f"ghost:{entry.subject.id}" if set('"`') & set(entry.name) else f'"{escape(entry.name)}"'


def pick_person(why: str, *, whom: SubjectRef, asked: Asked) -> Reply:
    """A people picker whose block id keeps the rest of the command, if that is short enough.

    ``<@>``, an empty mention, marks the place of the person to be picked.
    """
    subjects = tuple(Mention("") if ref == whom else ref for ref in asked.subjects)
    rest = spelled(replace(asked, subjects=subjects))
    if len(rest) > KEPT:
        return Reply.saying(
            f"{why} Your line is too long for me to keep while you pick somebody: type it again with the"
            " person as an @mention that Slack completes."
        )
    text = f"{why} Pick the person:"
    select = UserSelectElement(action_id="person_picked", placeholder=PlainTextObject(text="Choose a person"))
    return Reply(text, (section(text), ActionsBlock(elements=[select], block_id=f"rest:{rest}")))


def as_board(asked: Asked, *, reader: str) -> Reply:
    """A look at a group or channel, beside people perhaps: the button asks for the board that shows them."""
    text = "I show a whole group or channel on a board of who works when."
    subjects = tuple(Mention(reader) if ref == Me() else ref for ref in asked.subjects)
    line = spelled(Asked(Verb.WHO, subjects, rest="week"))
    board = button("Show who works when", "run:who", value=line, style="primary")
    return Reply.saying(text, *actions(board if len(line) <= BUTTON_VALUE else None))


def locked(lock: Lock, *, admins: Sequence[str], asker_is_admin: bool = False) -> Reply:
    """The reply while writes to Focus are locked, with the reason and who can unlock them."""
    who = sentence_list([mention(admin) for admin in admins[:3]], last="or")
    match lock.code:
        case "unproven":
            why = (
                "I don’t change anything in Toggl Focus yet: somebody has to confirm that I read its"
                f" weekdays correctly. {who} can do that."
            )
        case "impossible":
            why = (
                f"I stopped all changes: Toggl Focus sent the weekday number {escape(lock.seen)}, which"
                f" does not fit the configured numbering. {who} has to look at `FOCUS_WEEKDAYS`."
            )
        case "doubted":
            why = (
                "I stopped all changes: I may read Toggl Focus’s weekdays wrongly, as more people’s weeks fit"
                f" another numbering than `FOCUS_WEEKDAYS`. {who} has to compare one."
            )
        case _:
            why = (
                f"I stopped all changes: a change moved days that it should not have ({escape(lock.seen)})."
                f" {who} has to look before I write again."
            )
    return Reply.saying(f"{why} Nothing was changed.", *(compare_week(lock) if asker_is_admin else ()))


def compare_week(lock: Lock | None) -> tuple[Block, ...]:
    """The button that asks the admins about the weekdays at once; no block if that would unlock nothing."""
    asks = lock is not None and lock.code == "unproven"
    return actions(button("Compare a week now", "compare_week", style="primary") if asks else None)


def _kind(entry: Entry) -> str:
    return "placeholder" if entry.subject.kind == "placeholder" else entry.email or "person"
