"""Seed data of Slack: the people, channels and user groups of the film studio."""

from __future__ import annotations

from collections.abc import Sequence

from bot.sandbox.crowd import Member
from bot.sandbox.slack.workspace import Channel, Group, Person

__all__ = ["BOT", "SLACKBOT", "channels", "groups", "people"]

BOT, SLACKBOT = "U0HOURS", "USLACKBOT"
GROUPED = 200
"""Number of people of a crowd who are in its user group."""
_TEAM_MATES = ["U0ANA", "U0ANAP", "U0BEN", "U0MIA", "U0OLIVIA", "U0TOM", "U0ZOE", "U0UNCONF"]


def people(bot_name: str, crowd: Sequence[Member] = ()) -> list[Person]:
    """Everybody, bots included; ``bot_name`` is the app's name."""
    return [
        Person(id="U0ANA", handle="ana", real_name="Ana Lindqvist", email="ana@example.com"),
        Person(id="U0ANAP", handle="ana.petrova", real_name="Ana Petrova", email="ana.petrova@example.com"),
        Person(id="U0BEN", handle="ben", real_name="Ben Okafor", email="ben@example.com", tz="Europe/Berlin"),
        Person(id="U0MIA", handle="mia", real_name="Mia Tanaka", email="mia@example.com", tz="Asia/Tokyo"),
        Person(
            id="U0OLIVIA",
            handle="olivia",
            real_name="Olivia Grant",
            email="olivia@example.com",
            tz="Europe/London",
            is_admin=True,
        ),
        Person(id="U0TOM", handle="tom", real_name="Tom Weber", email="tom@example.com", tz="Europe/Vienna"),
        Person(id="U0ZOE", handle="zoe", real_name="Zoë <!channel> *Bold* & Co", email="zoe@example.com"),
        Person(
            id="U0GUEST",
            handle="gus",
            real_name="Gus Guest",
            email="gus@example.com",
            is_restricted=True,
            is_ultra_restricted=True,
        ),
        Person(id="U0GONE", handle="dana", real_name="Dana Gone", email="dana@example.com", deleted=True),
        Person(
            id="U0UNCONF",
            handle="uma",
            real_name="Uma Unconfirmed",
            email="lars@example.com",
            is_email_confirmed=False,
        ),
        Person(
            id="U0STRANGER",
            handle="sam",
            real_name="Sam Stranger",
            email="sam@elsewhere.example",
            tz="America/New_York",
            team_id="T0ELSEWHERE",
            is_stranger=True,
        ),
        Person(id=BOT, handle="hours", real_name=bot_name, is_bot=True),
        Person(id=SLACKBOT, handle="slackbot", real_name="Slackbot"),
        *(
            Person(
                id=user,
                handle=each.handle,
                real_name=each.name,
                email=each.email,
                tz=each.zone,
                title=each.title,
            )
            for user, each in zip(_ids(crowd), crowd, strict=True)
        ),
    ]


def channels(crowd: Sequence[Member] = ()) -> list[Channel]:
    """The channels: the bot is in all but #general, the guest in #premiere, and #everyone needs a crowd."""
    everyone = Channel(id="C0EVERYONE", name="everyone", members=[*_TEAM_MATES, *_ids(crowd), BOT])
    return [
        Channel(id="C0STUDIO", name="studio", members=[*_TEAM_MATES, BOT]),
        Channel(id="C0GENERAL", name="general", members=[*_TEAM_MATES], is_general=True),
        Channel(id="G0ADMIN", name="hours-audit", members=["U0OLIVIA", BOT], is_private=True),
        Channel(id="C0ARCHIVED", name="old-film", members=[*_TEAM_MATES, BOT], is_archived=True),
        Channel(
            id="C0SHARED",
            name="with-elsewhere",
            members=["U0ANA", "U0MIA", "U0STRANGER", BOT],
            is_ext_shared=True,
        ),
        Channel(id="C0PREMIERE", name="premiere", members=["U0OLIVIA", "U0ZOE", "U0GUEST", BOT]),
        *([everyone] if crowd else []),
    ]


def groups(crowd: Sequence[Member] = ()) -> list[Group]:
    """The user groups: the designers and, with a crowd, its first two hundred people."""
    designers = Group(id="S0DESIGN", handle="designers", name="Designers", users=["U0ANA", "U0BEN"])
    many = Group(id="S0EVERYONE", handle="everyone-team", name="Everyone", users=_ids(crowd)[:GROUPED])
    return [designers, *([many] if crowd else [])]


def _ids(crowd: Sequence[Member]) -> list[str]:
    return [f"U0CROWD{number:04d}" for number, _ in enumerate(crowd, start=1)]
