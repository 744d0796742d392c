"""Check links between Slack and Focus users: tell admins once of people who left or changed their e-mail.

Links are made of ids, so none of this breaks a link. Each link's row stores what the last check saw. The
comparison, the new state and the message about what changed are one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from store.database import Database, Row, Sql, rows
from store.directory import Directory, Entry
from store.links import SlackPerson
from store.messages import MessageKind, put
from store.week import Subject

__all__ = ["Checkups", "News", "What"]


class What(StrEnum):
    """What happened to a link, or to the user on one side of it."""

    LINKED = "linked"
    SLACK_GONE = "slack_gone"
    SLACK_BACK = "slack_back"
    SLACK_EMAIL = "slack_email"
    FOCUS_GONE = "focus_gone"  # not listed any more
    FOCUS_OFF = "focus_off"  # deactivated
    FOCUS_BACK = "focus_back"
    FOCUS_EMAIL = "focus_email"


@dataclass(frozen=True, slots=True)
class News:
    """One change found by a check; ``detail`` is the new e-mail if that is what changed."""

    what: What
    slack_user_id: str
    focus_user_id: int
    name: str
    detail: str = ""

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> News:
        """Restore a value from the JSON in the message's ``detail``."""
        return cls(**{**value, "what": What(value["what"])})


class Checkups:
    """Checks the links of one team."""

    def __init__(self, database: Database, directory: Directory, *, team_id: str) -> None:
        self._database = database
        self._directory = directory
        self._team_id = team_id

    async def check(
        self, people: Iterable[SlackPerson], *, tell: tuple[str, ...], now: datetime
    ) -> tuple[News, ...]:
        """Compare every link with both user lists, and tell ``tell`` what changed since the last check.

        The first check of a team does not report links that exist already as new.
        """
        in_slack = {person.id: person for person in people}
        in_focus = {entry.subject: entry for entry in await self._directory.people()}

        def check(sql: Sql) -> tuple[News, ...]:
            found = rows(
                sql, "SELECT * FROM links WHERE team_id = ? ORDER BY linked_at, rowid", (self._team_id,)
            )
            is_first = all(row["seen"] is None for row in found)
            news: list[News] = []
            for row in found:
                before = _Side.last_seen(row)
                seen = _seen(before, in_slack.get(row["slack_user_id"]), in_focus.get(_subject(row)))
                if row["seen"] is None and row["method"] == "email" and not is_first:
                    news.append(_news(What.LINKED, row, seen))
                news.extend(_news(what, row, seen, detail) for what, detail in _differences(before, seen))
                sql.execute(
                    "UPDATE links SET seen = ? WHERE team_id = ? AND slack_user_id = ?",
                    (json.dumps(asdict(seen)), self._team_id, row["slack_user_id"]),
                )
            for admin in tell if news else ():
                put(
                    sql,
                    team_id=self._team_id,
                    kind=MessageKind.ALERT,
                    about=f"links:{now.isoformat()}",
                    recipient=admin,
                    detail={"code": "links", "news": [asdict(each) for each in news]},
                    now=now,
                )
            return tuple(news)

        return await self._database.write(check)


@dataclass(frozen=True, slots=True)
class _Side:
    """The state of both sides of a link as a check saw it; e-mails are ``None`` before the first check."""

    slack: str = "here"  # or "gone"
    focus: str = "here"  # "off", or "gone"
    slack_email: str | None = None
    focus_email: str | None = None
    name: str = ""

    @classmethod
    def last_seen(cls, row: Row) -> _Side:
        return cls(**json.loads(row["seen"] or "{}"))


def _seen(before: _Side, person: SlackPerson | None, entry: Entry | None) -> _Side:
    """The state of a link now; what the lists do not tell is taken from ``before``."""
    return _Side(
        slack=before.slack if person is None else "gone" if person.deleted else "here",
        focus="gone" if entry is None else "here" if entry.active else "off",
        slack_email=(person and person.email) or before.slack_email,
        focus_email=(entry and entry.email) or before.focus_email,
        name=entry.name if entry else before.name,
    )


def _differences(before: _Side, seen: _Side) -> Iterable[tuple[What, str]]:
    if seen.slack != before.slack:
        yield What.SLACK_GONE if seen.slack == "gone" else What.SLACK_BACK, ""
    if seen.focus != before.focus:
        yield What(f"focus_{'back' if seen.focus == 'here' else seen.focus}"), ""
    if before.slack_email and seen.slack_email != before.slack_email:
        yield What.SLACK_EMAIL, str(seen.slack_email)
    if before.focus_email and seen.focus_email != before.focus_email:
        yield What.FOCUS_EMAIL, str(seen.focus_email)


def _news(what: What, row: Row, seen: _Side, detail: str = "") -> News:
    return News(what, row["slack_user_id"], row["focus_user_id"], seen.name, detail)


def _subject(row: Row) -> Subject:
    return Subject("person", row["focus_user_id"])
