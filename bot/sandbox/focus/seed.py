"""Seed data of Focus: a studio of eight people and three placeholders, varied weeks, one person on leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot.sandbox.crowd import Member
from bot.sandbox.focus.book import Book, Ghost, Kind, Person
from bot.sandbox.focus.calendar import Calendar

__all__ = ["KEY_OWNER", "ON_LEAVE", "seed"]

KEY_OWNER = 505
"""``user_account_id`` of Olivia, who made the key."""
ON_LEAVE = 507
"""``user_account_id`` of Zoë, who is away this week."""

# user_account_id, name, e-mail, hours Monday to Sunday ("-": no row, 0: off)
_PEOPLE = (
    (501, "Ana Lindqvist", "ana@example.com", "8 8 8 8 8 - -"),
    (502, "Ana Petrova", "ana.petrova@example.com", "8 8 8 8 0 - -"),
    (503, "Ben Okafor", "ben@example.com", "8.5 8.5 4 - - - -"),
    (504, "Mia Tanaka", "mia@example.com", "7.3333 7.3333 7.3333 7.3333 7.3333 0 0"),
    (505, "Olivia Grant", "olivia@example.com", "8 8 8 8 6 - -"),
    (506, "Tom Weber", "tom.weber@focus-mail.example", "- 6 6 6 - - -"),
    (507, "Zoë <!channel> *Bold* & Co", "zoe@example.com", "0 0 8 8 8 10 5.5"),
    (508, "Lars Nyberg", "lars@example.com", "- - - - - - -"),
)
_GHOSTS = (
    (701, "Designer 1", "Product designer, spring projects", "8 8 8 8 8 - -"),
    (702, "Designer 2", "Product designer, half-time", "4 4 4 4 4 - -"),
    (703, "Set Builder", "Workshop", "10 10 10 10 0 - -"),
)


def seed(book: Book, calendar: Calendar, *, now: datetime, crowd: Sequence[Member] = ()) -> None:
    """Fill an empty book and an empty calendar; a crowd comes after the eight people."""
    others = ((number, each.name, each.email, each.hours) for number, each in enumerate(crowd, start=1501))
    for number, name, email, hours in (*_PEOPLE, *others):
        book.people[number] = Person(
            id=number + 9_000,
            user_account_id=number,
            name=name,
            email=email,
            owner=number == KEY_OWNER,
        )
        _week(book, "user", number, hours, now=now)
    for number, name, description, hours in _GHOSTS:
        book.ghosts[number] = Ghost(id=number, name=name, description=description, created_at=now)
        _week(book, "ghost", number, hours, now=now)
    # The leave begins yesterday, so that it covers today in every time zone.
    today = now.date()
    calendar.add_time_off(ON_LEAVE, today - timedelta(days=1), today + timedelta(days=6))
    for year in (now.year, now.year + 1):
        calendar.add_holiday(date(year, 1, 1), "New Year's Day")
        calendar.add_holiday(date(year, 12, 25), "Christmas Day")


def _week(book: Book, kind: Kind, number: int, hours: str, *, now: datetime) -> None:
    days = enumerate(hours.split(), start=1)
    book.create(kind, number, [(day, Decimal(text)) for day, text in days if text != "-"], now=now)
