"""Weekdays in languages that people type whatever language they use Slack in: named back, never assumed."""

from __future__ import annotations

import re
from typing import Final

from store.week import ALL_DAYS, Weekday

__all__ = ["day_elsewhere", "in_english"]

_NAMES: Final = """
    montag dienstag mittwoch donnerstag freitag samstag sonntag
    montags dienstags mittwochs donnerstags freitags samstags sonntags
    lundi mardi mercredi jeudi vendredi samedi dimanche
    lunes martes miércoles jueves viernes sábado domingo
    lunes martes miercoles jueves viernes sabado domingo
    lunedì martedì mercoledì giovedì venerdì sabato domenica
    lunedi martedi mercoledi giovedi venerdi sabato domenica
    segunda terça quarta quinta sexta sábado domingo
    segunda terca quarta quinta sexta sabado domingo
    maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
    måndag tisdag onsdag torsdag fredag lördag söndag
    mandag tirsdag onsdag torsdag fredag lørdag søndag
    poniedziałek wtorek środa czwartek piątek sobota niedziela
    maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai
"""
_DAYS: Final = {name: ALL_DAYS[number % 7] for number, name in enumerate(_NAMES.split())}
_WORD: Final = re.compile(r"([^\W\d_]+)(?:-feira)?")


def day_elsewhere(word: str) -> Weekday | None:
    """The weekday that a word in lower case is in German, French, Spanish … ."""
    return _DAYS.get(word)


def in_english(text: str) -> str:
    """The text with English names in the place of these."""

    def one(match: re.Match[str]) -> str:
        day = _DAYS.get(match[1])
        return day.name.lower() if day else match[0]

    return _WORD.sub(one, text)
