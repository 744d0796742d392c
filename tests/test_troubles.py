"""Whatever keeps a change out of Focus is told in a sentence of its own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from handlers.views.troubles import trouble_sentence
from store.act import Change, State
from store.trouble import Trouble, TroubleCode
from store.week import Pattern, Subject


def told(trouble: Trouble) -> str:
    return trouble_sentence(
        Change(
            id="c",
            act_id="a",
            team_id="T",
            subject=Subject("person", 501),
            pattern=Pattern(()),
            state=State.FAILED,
            at=datetime(2026, 3, 2, 9, tzinfo=UTC),
            trouble=trouble,
        )
    )


@pytest.mark.parametrize("code", TroubleCode)
def test_every_code_has_its_sentence(code: TroubleCode) -> None:
    sentence = told(Trouble(code, "Fri" if code.names_days else ""))
    assert sentence.endswith(".")
    assert not {"{", "}"} & set(sentence)


def test_no_two_codes_say_the_same() -> None:
    assert len({told(Trouble(code)) for code in TroubleCode}) == len(TroubleCode)


def test_what_focus_has_said_is_quoted_and_days_are_named() -> None:
    assert told(Trouble(TroubleCode.REJECTED, "no {rights}.", "abc")) == (
        "Toggl Focus did not accept the change. It said: “no {rights}”. Toggl’s trace id: `abc`."
    )
    assert told(Trouble(TroubleCode.DAY_TWICE, "Friday")) == "Friday is named twice."
    assert told(Trouble(TroubleCode.MOVED, "Mon Fri")).endswith("Days: Mon Fri.")
