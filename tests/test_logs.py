"""The log: one line an act, for people or for machines, and nothing in it that is nobody's business."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.logs import set_up_logs
from bot.sandbox.faults import Fault, FaultKind
from tests.conftest import OpenOffice
from tests.office import STUDIO, Office
from tests.test_journey_http import by_http, now, send, signature


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, as pytest has it again afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def written(root: logging.Logger) -> io.StringIO:
    """What a bot writes whose log is no terminal."""
    own, stream = root.handlers[:], io.StringIO()
    set_up_logs(stream)
    root.handlers.extend(own)  # the office looks for errors in pytest's
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def journey(office: Office) -> None:
    """A change, an undo, what is not understood, a grant, a link, a refusal of Focus's, Home."""
    ana, olivia, tom = office.ana, office.olivia, office.tom
    await ana.types(STUDIO, "/hours set fri 4")
    await ana.sees("Fri 8 h → 4 h", channel=ana.dm)
    await ana.types(ana.dm, "undo")
    await ana.sees("You put back your week", channel=ana.dm)
    await ana.types(STUDIO, "/hours tell ana@secret.example that pudding is served")
    await ana.sees("pudding", channel=STUDIO)
    await ana.types(ana.dm, "set tuesday pudding")
    await ana.sees("pudding", channel=ana.dm)
    await office.make_manager()
    await olivia.types(STUDIO, "/hours link @tom 506")
    await olivia.sees("Tom", channel=STUDIO)
    await tom.types(STUDIO, "/hours set fri 3")
    await tom.sees("Fri", channel=tom.dm)
    office.focus.faults.add(Fault(FaultKind.REFUSE, match="PUT *", status=400, times=1, error="no pudding"))
    await ana.types(STUDIO, "/hours set thu 7")
    await ana.sees("Nothing was changed", channel=ana.dm)
    await ana.open_home()
    await ana.sees_home("Friday")


async def test_a_whole_journey_leaves_no_token_no_address_and_nothing_that_was_typed(
    an_office: OpenOffice, written: io.StringIO
) -> None:
    async with an_office() as office:
        await journey(office)
    log = written.getvalue()
    users = office.slack.world.people.values()
    secrets = [office.slack.bot_token, office.slack.app_token, office.focus.key, "/socket/", "pudding"]
    assert lines(written)
    for secret in (*secrets, *(user.email for user in users if user.email)):
        assert secret not in log
    assert not re.search(r"[\w.]+@[\w-]+\.\w+|xox|xapp|toggl_sk|set fri|fri 4", log)
    assert "***" not in log  # nothing was there that had to be covered


async def test_an_act_has_one_line_under_the_id_that_its_receipt_shows(
    an_office: OpenOffice, written: io.StringIO
) -> None:
    async with an_office() as office:
        await office.ana.types(STUDIO, "/hours set fri 4")
        receipt = await office.ana.sees("Fri 8 h → 4 h", channel=office.ana.dm)
    shown = re.search(r"act (\w{12})", receipt.plain)
    assert shown
    [line] = [line for line in lines(written) if line["event"] == "act"]
    assert {name: line[name] for name in ("act", "kind", "actor", "subject", "became")} == {
        "act": shown[1],
        "kind": "set",
        "actor": "U0ANA",
        "subject": "person:501",
        "became": "applied",
    }
    [answered] = [each for each in lines(written) if each["event"] == "answered" and each["act"] == shown[1]]
    assert (answered["what"], answered["place"], answered["outcome"]) == ("hours.change", "channel", "done")


async def test_a_refusal_is_a_line_that_names_the_reason_and_no_words(
    an_office: OpenOffice, written: io.StringIO
) -> None:
    async with an_office() as office:
        await office.ana.types(STUDIO, "/hours set <@U0BEN> fri 4")
        await office.ana.sees("You can’t change", channel=STUDIO)
    [line] = [line for line in lines(written) if line.get("what") == "hours.change"]
    assert line["outcome"] == "NotAllowedError"


async def test_of_a_request_that_is_refused_the_log_has_the_reason_alone(
    an_office: OpenOffice, written: io.StringIO
) -> None:
    body = urlencode(
        {
            "command": "/hours",
            "text": "set fri off because of my surgery, ana@secret.example",
            "response_url": "https://hooks.slack.com/commands/T1/2/hooksecret",
            "token": "tokensecret",
        }
    )
    async with an_office(settings=by_http()) as office:
        before, at = len(lines(written)), now()
        forged, stale = signature(at, body, secret="of somebody else"), signature(at - 600, body)
        assert await send(office, body, forged, at=at) == 401
        assert await send(office, body, stale, at=at - 600) == 401
        refused = lines(written)[before:]
    assert [each["status"] for each in refused] == [401, 401]
    assert "SLACK_SIGNING_SECRET" in refused[0]["event"]
    assert re.search(r"-6\d\d s from this machine's time", refused[1]["event"])
    assert not re.search(r"surgery|secret\b|hooks|v0=", written.getvalue())


def test_a_library_that_says_too_much_is_covered(written: io.StringIO) -> None:
    library = logging.getLogger("some.library")
    trouble = ValueError("ana@studio.example sent toggl_sk_abc123")
    library.error("wss://wss-primary.slack.com/link/?ticket=12-34 with %s", "xoxb-1-a", exc_info=trouble)
    library.warning("Authorization: Bearer abc.def by http://me:pass@proxy.example:80")
    log = written.getvalue()
    for secret in ("ana@", "abc123", "ticket", "xoxb-1", "abc.def", "me:pass"):
        assert secret not in log
    assert "ValueError" in log
    assert len(lines(written)) == 2


@pytest.mark.parametrize(
    "said",
    [
        "connecting to wss://wss-primary.slack.com/link/?ticket=hushhush",
        "Authorization: Bearer hushhush",
        "answering at https://hooks.slack.com/commands/T1/2/hushhush",
        "with xoxb-1-hushhush",
        "for\nhushhush@studio.example",
        'answered {"user": "hushhush@studio.example", "url": "http://me:hushhush@proxy.example"}',
        "for text=set+fri%2C+hushhush%40studio.example",
        "text=off&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1%2F2%2Fhushhush",
        "payload=%7B%22response_url%22%3A%22https%3A%5C%2F%5C%2Fhooks.slack.com%5C%2Factions%5C%2Fhushhush",
        "url=wss%3A%2F%2Fwss-primary.slack.com%2Flink%2F%3Fticket%3Dhushhush",
        "Authorization=Bearer%20hushhush",
        "by http%3A%2F%2Fme%3Ahushhush%40proxy",
        "command=%2Fhours&token=hushhush",
    ],
)
@pytest.mark.parametrize("where", ["event", "field", "object", "nested", "traceback"])
def test_whatever_is_covered_stays_one_whole_line(written: io.StringIO, said: str, where: str) -> None:
    library = logging.getLogger("some.library")
    match where:
        case "event":
            library.error(said)
        case "field":
            library.error("it was", extra={"said": said})
        case "object":
            library.error("it was", extra={"said": ValueError(said)})
        case "nested":
            library.error("it was", extra={"said": {"by": [said], said: 1}})
        case "traceback":
            library.error("it was", exc_info=ValueError(said))
    [line] = lines(written)
    assert (line["logger"], line["level"]) == ("some.library", "error")
    assert "***" in written.getvalue()
    assert "hushhush" not in written.getvalue()


@pytest.mark.parametrize("said", ["Bearer hushhush", "for hushhush@studio.example"])
def test_a_terminal_shows_no_more(root: logging.Logger, said: str) -> None:
    terminal = Terminal()
    set_up_logs(terminal)
    for exc_info, extra in ((ValueError(said), None), (None, {"said": [said]})):
        root.error(said, exc_info=exc_info, extra=extra)
    assert "hushhush" not in terminal.getvalue()
    assert "Traceback" in terminal.getvalue() or "ValueError" in terminal.getvalue()


def test_numbers_stay_numbers(written: io.StringIO) -> None:
    logging.getLogger("bot").info("done", extra={"ms": 3, "due": None, "ok": True, "days": (1, 2)})
    [line] = lines(written)
    assert (line["ms"], line["due"], line["ok"], line["days"]) == (3, None, True, [1, 2])


def test_a_terminal_gets_lines_for_people(root: logging.Logger) -> None:
    terminal = Terminal()
    set_up_logs(terminal)
    logging.getLogger("bot").info("answered", extra={"act": "abc", "ms": 3})
    plain = re.sub(r"\x1b\[[\d;]*m", "", terminal.getvalue())
    assert re.search(r"answered .*act=abc.* ms=3", plain)
    assert root.handlers


def test_requests_are_not_told_one_by_one(written: io.StringIO) -> None:
    logging.getLogger("httpx").info("HTTP Request: GET https://focus.toggl.com/api/organizations/1/users")
    assert written.getvalue() == ""
