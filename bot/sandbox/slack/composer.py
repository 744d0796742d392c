"""Slack's composer: what it makes of typed text (mentions, escapes), and its few completions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.sandbox.slack.workspace import Channel, Person
from bot.sandbox.slack.world import World

__all__ = ["Suggestion", "complete", "written"]

_PICKED = r"<[@#][A-Z0-9]+(?:\|[^<>]*)?>|<!(?:here|channel|everyone|subteam\^[A-Z0-9]+(?:\|[^<>]*)?)>"
_MENTION = re.compile(rf"(?P<picked>{_PICKED})|(?<![\w.])(?P<sign>[@#])(?P<name>\w[\w.\-]*)")
_EVERYBODY = frozenset({"here", "channel", "everyone"})


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line of the completion: the text to insert, and what is shown for it."""

    insert: str
    label: str
    detail: str = ""


def written(world: World, text: str, *, command: bool = False, escape: bool = True) -> str:
    """Text as Slack passes it on: mentions resolved; ``&``, ``<`` and ``>`` escaped.

    ``<@U…>`` counts as picked from the list, and so does ``@`` before a handle or a full name.
    Without ``escape`` (for a command without ``should_escape``) mentions stay words.
    """
    for person in sorted(world.people.values(), key=lambda each: -len(each.real_name)):
        text = text.replace(f"@{person.real_name}", f"<@{person.id}>")
    mentions = _Mentions(world=world, command=command, escape=escape)
    parts: list[str] = []
    end = 0
    for match in _MENTION.finditer(text):
        mention = mentions.of(match)
        if mention is not None:
            parts += [_escaped(text[end : match.start()]), mention]
            end = match.start() + len(match[0].rstrip(".-"))
    return "".join([*parts, _escaped(text[end:])])


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mentions:
    """How mentions are written, in a message or after a command."""

    world: World
    command: bool
    escape: bool

    def of(self, match: re.Match[str]) -> str | None:
        if match["picked"]:
            return self._picked(match["picked"])
        name = match["name"].rstrip(".-")
        if match["sign"] == "#":
            channel = next((each for each in self.world.channels.values() if each.name == name), None)
            return self._channel(channel) if channel else None
        if name in _EVERYBODY:
            return f"<!{name}>" if self.escape else f"@{name}"
        for person in self.world.people.values():
            if person.handle == name and not person.deleted:
                return self._person(person)
        for group in self.world.groups.values():
            if group.handle == name:
                return f"<!subteam^{group.id}|@{name}>" if self.escape else f"@{name}"
        return None

    def _picked(self, mention: str) -> str:
        known = mention[2:-1].partition("|")[0]
        if known in self.world.people:
            return self._person(self.world.people[known])
        if known in self.world.channels:
            return self._channel(self.world.channels[known])
        return mention

    def _person(self, person: Person) -> str:
        if not self.escape:
            return f"@{person.handle}"
        return f"<@{person.id}|{person.handle}>" if self.command else f"<@{person.id}>"

    def _channel(self, channel: Channel) -> str:
        return f"<#{channel.id}|{channel.name}>" if self.escape else f"#{channel.name}"


def complete(world: World, user: str, typed: str) -> list[Suggestion]:
    """What Slack offers under the composer: commands with their hint, people, groups, channels.

    Slack offers nothing of what may follow a command, so a bot cannot rely on more than its hint.
    """
    if typed.startswith("/") and " " not in typed:
        return [
            Suggestion(command.name, f"{command.name} {command.usage_hint}".strip(), command.description)
            for command in (world.app.commands or {}).values()
            if command.name.startswith(typed)
        ]
    word = typed.rsplit(maxsplit=1)[-1] if typed and not typed[-1].isspace() else ""
    if word.startswith("@"):
        return list(_people(world, word[1:].casefold()))
    if word.startswith("#"):
        return [
            Suggestion(f"#{each.name}", f"#{each.name}")
            for each in world.channels.values()
            if each.name.startswith(word[1:].casefold()) and not each.is_archived
            if each.type == "channel" or user in each.members
        ]
    return []


def _people(world: World, start: str) -> Iterator[Suggestion]:
    for person in world.people.values():
        names = [person.handle, *person.real_name.casefold().split()]
        if not person.deleted and any(name.startswith(start) for name in names):
            yield Suggestion(f"@{person.handle}", person.real_name, f"@{person.handle}")
    for group in world.groups.values():
        if group.handle.startswith(start):
            yield Suggestion(f"@{group.handle}", group.name, f"@{group.handle}")
