"""Help: a short page by role, and a page for each topic. Every example is a command that works as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from slack_sdk.models.blocks import Block

from handlers.asked import echoed
from handlers.grammar import near
from handlers.views.blocks import Reply, actions, button, context, literal, mention, section, sentence_list

__all__ = ["SHORT", "TOPICS", "Example", "Role", "Topic", "help_for", "overview", "topic", "unknown"]


class Role(Enum):
    """What a person can use; decides which topics they see."""

    GUEST = "guest"
    MEMBER = "member"
    MANAGER = "manager"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Example:
    """The text to type after the command's name, and what it does."""

    typed: str
    does: str

    @property
    def is_for_guests(self) -> bool:
        """Whether it is about nobody else, and nothing of an admin's."""
        return not any(sign in self.typed for sign in ("@", '"', "ghost:", "links"))


@dataclass(frozen=True, slots=True)
class Topic:
    """One page of help."""

    title: str
    examples: tuple[Example, ...]
    note: str = ""


_OWN = (
    Example("", "your week"),
    Example("set mon-thu 8, fri off", "changes these days and keeps the others"),
    Example("edit", "the same in a form"),
    Example("undo", "takes your latest change back"),
)
_PLACEHOLDER = Example('set "Designer 1" mon-fri 8', "changes a placeholder’s week")
_TEAM = (
    Example("@ana", "a team-mate’s week"),
    Example("set @ana fri 4", "changes it; Ana is told"),
    _PLACEHOLDER,
    Example("remind", "asks a channel regularly whether its weeks are still right"),
)
_ADMIN = (
    Example("links", "who is linked to Toggl Focus, and who is not"),
    Example("managers", "who may change whose week"),
)
SHORT: Mapping[Role, tuple[Example, ...]] = {
    Role.GUEST: _OWN,
    Role.MEMBER: (*_OWN, _TEAM[0]),
    Role.MANAGER: (*_OWN, *_TEAM),
    Role.ADMIN: (*_OWN, *_TEAM, *_ADMIN),
}

TOPICS: Mapping[str, Topic] = {
    "look": Topic(
        "Look up a week",
        (
            Example("me", "your own week"),
            Example("@ana @ben", "several at once"),
            Example('"Designer 1"', "a placeholder"),
            Example("ghost:701", "a placeholder by its number in Toggl Focus"),
        ),
        "“Off” means 0 hours. “Not set” (–) means that Toggl Focus has no hours for the day.",
    ),
    "who": Topic(
        "Who works when",
        (
            Example("who", "who works today"),
            Example("who fri", "or on another day; tomorrow and week work too"),
            Example("who week @ana @ben", "only some people; a #channel or an @group works too"),
        ),
        "From the weeks as last read: it says how old they are. *Refresh* reads them anew. “Away” is leave in"
        " Toggl Focus; the reason is not shown. “–” is a day that is not set.",
    ),
    "set": Topic(
        "Change a week in one line",
        (
            Example("set fri 4", "your Friday; every other day stays"),
            Example("set @ana mon-thu 8, fri off", "somebody else’s, if you may"),
            Example("set only mon-thu 8", "and every other set day becomes a day off"),
            Example("clear fri", "the day becomes “not set”"),
        ),
        "With two or more names you see a preview first. Every change can be undone for 24 hours.",
    ),
    "plan": Topic(
        "Change a week from a date, or until one",
        (
            Example("set mon-thu 8 from 2027-01-31", "your week changes on that day and stays so"),
            Example("set @ana fri off from next mon until 2027-03-31", "and is put back the day after"),
            Example("plan", "what is planned for you and by you, with Change and Cancel"),
            Example("plan @ana", "what is planned for somebody"),
        ),
        "Dates are 2027-01-31, 31 Jan 2027, today, tomorrow or next mon; the forms have fields for them."
        " A day begins at 0:00 where the person is. The planner and the person hear of it the day"
        " before. If somebody has changed the same days meanwhile, nothing is overwritten and the planner is"
        " asked.",
    ),
    "edit": Topic(
        "Change a week in a form",
        (
            Example("edit", "your week"),
            Example("edit @ana", "somebody else’s, if you may"),
            Example("edit from next mon", "the form with its first day filled in"),
        ),
        "Nothing is saved before you press Save. If somebody else changes the same day meanwhile, you see"
        " theirs and yours and choose.",
    ),
    "undo": Topic(
        "Take a change back",
        (
            Example("undo", "your latest change of the last 24 hours; repeat it for the one before"),
            Example("redo", "what you undid last, until you change something else"),
            Example("history", "the latest changes to your week"),
            Example("history @ana", "somebody else’s, if you manage them"),
        ),
        "Undo puts back only the days that the change touched, and asks if somebody has changed them since."
        " While your latest change waits, nothing older is undone: cancel it first. The choice between two"
        " entries for a day can’t be undone: for what you changed before it, press *Undo* on its receipt.",
    ),
    "reminders": Topic(
        "Reminders in channels",
        (
            Example("remind", "a form: what, which channel, when"),
            Example("remind check", "asks here whether weeks are still right, on each first working day"),
            Example("remind weekdays 8:45 board", "shows here who works today"),
            Example("remind mon 9:00 Europe/Berlin board week", "or this week, in the time zone you name"),
            Example("reminders", "pause, change, preview, post now, delete"),
        ),
        "For managers and admins. Name a #channel to post there, and a @group if it is only for them. A check"
        " names only those who work that day and have not confirmed or changed their week for 25 days. Days"
        " are written mon, weekdays, first workday, last workday, 2nd tue or last fri.",
    ),
    "placeholders": Topic(
        "Placeholders: planned people without an account",
        (
            Example("placeholders", "all of them"),
            Example("placeholders des", "those with “des” in the name"),
            Example('set "Designer 1" mon-fri 8', "the whole name in quotes changes one"),
        ),
    ),
    "managers": Topic(
        "Who may change whose week",
        (
            Example("managers", "what you may change; for admins, everybody’s rights"),
            Example("managers grant @mia @ana @ben", "Mia may change Ana’s and Ben’s weeks"),
            Example("managers grant @mia everyone", "or everybody’s"),
            Example("managers grant @mia placeholders", "or the placeholders’"),
            Example("managers grant @mia @designers until 2027-03-31", "a user group’s, until that day"),
            Example("managers revoke @mia", "takes all of it back"),
        ),
        "Only admins grant and revoke. A grant never covers the manager’s own week. If you may not change a"
        " week, I offer to ask somebody who may.",
    ),
    "links": Topic(
        "Who is who in Toggl Focus",
        (
            Example("link", "who you are there; tries your e-mail address again"),
            Example("unlink", "if you are somebody else"),
            Example("links", "for admins: everybody who is not linked yet"),
            Example("link @tom", "for admins: choose who Tom is"),
            Example("link @tom 506", "for admins: by the number of the Focus user"),
        ),
        "People with the same confirmed e-mail address in Slack and Toggl Focus are linked automatically.",
    ),
    "hours": Topic(
        "How to write days and hours",
        (
            Example("set mon 8", "mon, tue … or Monday, Tuesday …"),
            Example("set mon-thu 7.5", "a range; 7,5 and 7h30 and 7:30 are the same"),
            Example("set mon, wed, fri 6, tue off", "lists; off is 0 hours"),
            Example("set weekdays 8", "Monday to Friday; workdays are the days you work now"),
        ),
        "Toggl Focus keeps hours per day, not start times, so 9-17 is not understood.",
    ),
    "failures": Topic(
        "When something goes wrong",
        (
            Example("history", "what was really changed, and by whom"),
            Example("me", "the week as Toggl Focus has it, and how old that is"),
        ),
        "If Toggl Focus does not answer, I say so and read the week again before I tell you what happened;"
        " nothing is written twice. When my quota is used up, a change waits: its message says until when,"
        " with Cancel.",
    ),
    "status": Topic(
        "Status",
        (Example("status", "for admins: Slack, Focus with key and quota, what waits, what failed"),),
        "Admins are told when the key stops working or I can’t post in a channel, and when that is over.",
    ),
    "my-data": Topic(
        "What I keep about you",
        (
            Example("my-data", "everything stored about you, as a file in our direct messages"),
            Example("my-data @ana", "for admins: what is stored about Ana, with Delete"),
        ),
        "Weeks are kept in Toggl Focus; I keep links, rights, the log of changes, and my own messages.",
    ),
}

_ALSO: Mapping[str, str] = {
    "clear": "set",
    "me": "look",
    "history": "undo",
    "redo": "undo",
    "link": "links",
    "unlink": "links",
    "remind": "reminders",
    "reminder": "reminders",
    "board": "reminders",
    "check": "reminders",
    "manager": "managers",
    "grant": "managers",
    "revoke": "managers",
    "placeholder": "placeholders",
    "ghost": "placeholders",
    "days": "hours",
    "privacy": "my-data",
    "data": "my-data",
    "errors": "failures",
    "quota": "failures",
    "form": "edit",
    "plans": "plan",
    "planned": "plan",
    "dates": "plan",
    "from": "plan",
    "until": "plan",
}


def help_for(role: Role, *, command: str, admins: Sequence[str], placeholders: bool = True) -> Reply:
    """The short page for a role, with topic buttons; ``placeholders``: whether the reader may change some."""
    intro = "I show and change weekly working hours in Toggl Focus. Type here, or without the command in a"
    own = "As a guest you can use me for your own week only.\n" if role is Role.GUEST else ""
    lines = own + _lines([each for each in SHORT[role] if placeholders or each is not _PLACEHOLDER], command)
    more = f"More: `{command} help set`, or press a topic."
    who = sentence_list([mention(admin) for admin in admins[:3]], last="or")
    asks = f"Questions about rights and links: {who}." if who and role is not Role.ADMIN else ""
    topics = _topics_for(role)
    blocks: list[Block] = [section(f"{intro} direct message to me.\n{lines}"), *_buttons(topics)]
    blocks.append(context(" ".join(filter(None, (more, asks)))))
    return Reply(f"{intro} direct message to me.\n{lines}\n{more} {asks}".rstrip(), tuple(blocks))


def topic(name: str, *, command: str, role: Role = Role.ADMIN) -> Reply | None:
    """One topic's page; ``None`` if there is no such topic, or none for guests."""
    name = _ALSO.get(name, name)
    found = TOPICS.get(name)
    if found is None or (role is Role.GUEST and name not in _topics_for(role)):
        return None
    examples = [each for each in found.examples if role is not Role.GUEST or each.is_for_guests]
    text = f"*{found.title}*\n{_lines(examples, command)}"
    said = Reply.saying(text, *((context(found.note),) if found.note else ()))
    return replace(said, text=f"{text}\n{found.note}".rstrip())


def unknown(name: str, *, command: str, role: Role = Role.ADMIN) -> Reply:
    """The answer for an unknown topic, with the most similar one and all topics."""
    topics = _topics_for(role)
    nearest = near(name, [each for each in (*TOPICS, *_ALSO) if _ALSO.get(each, each) in topics], at_most=1)
    meant = f" Did you mean `{command} help {nearest[0]}`?" if nearest else ""
    every = sentence_list(topics, last="or")
    return Reply.saying(
        f"I have no help on “{literal(echoed(name))}”.{meant} Topics are {every}.", *_buttons(topics)
    )


def overview(role: Role, *, command: str) -> Reply:
    """The topics this role can use."""
    names = _topics_for(role)
    every = sentence_list(names, last="or")
    return Reply.saying(f"Press a topic, or type `{command} help` and {every}.", *_buttons(names))


def _topics_for(role: Role) -> tuple[str, ...]:
    hidden = {
        Role.GUEST: {"who", "placeholders", "managers", "reminders", "status"},
        Role.MEMBER: {"placeholders", "reminders", "status"},
        Role.MANAGER: {"status"},
    }
    return tuple(name for name in TOPICS if name not in hidden.get(role, set()))


def _buttons(topics: Sequence[str]) -> tuple[Block, ...]:
    return actions(*(button(_label(name), f"run:help:{name}", value=f"help {name}") for name in topics))


def _label(name: str) -> str:
    return name.replace("-", " ").capitalize()


def _lines(examples: Sequence[Example], command: str) -> str:
    return "\n".join(f"• `{f'{command} {each.typed}'.rstrip()}` — {each.does}" for each in examples)
