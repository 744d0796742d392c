"""Generated people for a large organization: the same ones each time, in Slack and in Focus."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

__all__ = ["Member", "crowd"]

# The lengths of these lists are pairwise coprime: every combination comes before one is repeated.
_FIRST = """
Adaeze Anders Aoife Birgit Carmen Chidi Daan Dilnoza Elif Emre Farah Felix Greta Hiro Ines Ivan Jamal Jana
João Kaisa Kwame Lea Linh Marek Mei Nadia Noor Olu Paula Priya Quinn Rafael Rosa Sanjay Sofía Tariq Uma Vera
Wei Yuki
"""
_LAST = """
Abara Almeida Bauer Becker Castillo Chen Dahl Diallo Eriksen Farouk Fischer García Haddad Ito Jansen Kapoor
Kimura Kowalska Laine Lindgren Mensah Moreau Müller Nair Novák Nyström Okoye Papadakis Quist Rahman Rossi
Santos Schäfer Suzuki Tran Virtanen Young
"""
_WEEKS = (  # Monday to Sunday ("-": no row, 0: off)
    "8 8 8 8 8 - -",
    "8 8 8 8 8 0 0",
    "8 8 8 8 0 - -",
    "7.5 7.5 7.5 7.5 7.5 - -",
    "6 6 6 6 6 - -",
    "8.5 8.5 4 - - - -",
    "7.3333 7.3333 7.3333 7.3333 7.3333 0 0",
    "- 8 8 8 8 - -",
    "10 10 10 10 0 - -",
    "0 0 8 8 8 8 4",
    "4 4 4 4 4 - -",
    "8 8 8 8 6 - -",
    "- - - - - - -",
)
_ZONES = (
    "Europe/Stockholm",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "Asia/Tokyo",
    "America/Los_Angeles",
    "Asia/Kolkata",
)
_TITLES = (
    "Animator",
    "Compositor",
    "Editor",
    "Lighting",
    "Modeller",
    "Producer",
    "Rigger",
    "Sound",
    "Writer",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One generated person."""

    name: str
    handle: str
    """Also the part before the ``@`` of the e-mail address, which is the same in Slack and in Focus."""
    zone: str
    title: str
    hours: str
    """Monday to Sunday: ``-`` for no row, 0 for off."""

    @property
    def email(self) -> str:
        """The e-mail address."""
        return f"{self.handle}@example.com"


def crowd(count: int) -> tuple[Member, ...]:
    """The first ``count`` generated people; none for a count below one.

    Raises:
        ValueError: there are not so many names.
    """
    firsts, lasts = _FIRST.split(), _LAST.split()
    if count > len(firsts) * len(lasts):
        raise ValueError(f"there are no more than {len(firsts) * len(lasts)} names")
    return tuple(
        Member(
            name=(name := f"{firsts[number % len(firsts)]} {lasts[number % len(lasts)]}"),
            handle=_plain(name).lower().replace(" ", "."),
            zone=_ZONES[number % len(_ZONES)],
            title=_TITLES[number % len(_TITLES)],
            hours=_WEEKS[number % len(_WEEKS)],
        )
        for number in range(count)
    )


def _plain(name: str) -> str:
    """The name without accents, in ASCII."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
