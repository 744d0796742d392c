"""What answers in Slack's place, in whatever form, is taken for a broken connection and for nothing else."""

from __future__ import annotations

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.app import StartError
from bot.clients import BrokenAnswerError, RateLimits, SlackClient
from bot.manifest import manifest
from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from tests.conftest import OpenOffice
from tests.office import STUDIO, Office

HALF = '{"ok": tr'
BROKEN = [
    (503, "text/plain", "upstream connect error"),
    (200, "text/plain", "ok"),
    (502, "text/html", "<html>"),
    (200, "application/json", HALF),
    (503, "application/json", HALF),
    (503, "application/json", "null"),
    (200, "application/json", "[]"),
    (200, "application/json", "{}"),
    (200, "application/json", '{"ok": false}'),
    (400, "application/json", '{"ok": false, "error": []}'),
    (503, "application/json", ""),
]
POSTED = [BROKEN[0], BROKEN[3], BROKEN[6]]
"""One of each form in which the SDK would have raised something else."""


def broken(match: str, answer: tuple[int, str, str], *, acts: bool = False, times: int | None = 1) -> Fault:
    status, content_type, body = answer
    kind = FaultKind.FAIL_AFTER if acts else FaultKind.REFUSE
    return Fault(kind, match=match, status=status, content_type=content_type, body=body, times=times)


@pytest.mark.parametrize("answer", BROKEN)
async def test_an_answer_that_is_not_slacks_is_a_broken_connection(answer: tuple[int, str, str]) -> None:
    async with (
        Sandbox(manifest=manifest("/hours", socket_mode=True)) as sandbox,
        aiohttp.ClientSession() as http,
    ):
        slack = SlackClient(sandbox.slack.bot_token, base_url=sandbox.slack.api_url, session=http)
        sandbox.slack.faults.add(broken("auth.test", answer))
        with pytest.raises(BrokenAnswerError, match=f"^auth.test: HTTP {answer[0]}"):
            await slack.auth_test()
        assert (await slack.auth_test())["ok"]


async def test_a_rate_limit_is_one_whoever_says_it() -> None:
    async with (
        Sandbox(manifest=manifest("/hours", socket_mode=True)) as sandbox,
        aiohttp.ClientSession() as http,
    ):
        limits = RateLimits(repeats=0)
        slack = SlackClient(
            sandbox.slack.bot_token, base_url=sandbox.slack.api_url, session=http, retry_handlers=[limits]
        )
        sandbox.slack.faults.add(broken("auth.test", (429, "text/plain", "slow down")))
        with pytest.raises(SlackApiError, match="ratelimited"):
            await slack.auth_test()
        assert limits.seen == 1


@pytest.mark.parametrize("acts", [False, True])
@pytest.mark.parametrize("answer", POSTED)
async def test_a_receipt_is_there_once_whatever_came_for_an_answer(
    office: Office, answer: tuple[int, str, str], *, acts: bool
) -> None:
    office.slack.world.knows_repeats = False
    fault = office.slack.faults.add(broken("chat.postMessage", answer, acts=acts))
    await office.ana.types(STUDIO, "/hours set fri 4")
    await fault.reached.wait()
    await office.later(seconds=6)
    await office.ana.sees("You changed your week: Fri 8 h → 4 h", channel=office.ana.dm)
    await office.at_rest()
    told = [each for each in office.ana.messages(office.ana.dm) if "You changed your week" in each.text]
    assert len(told) == 1


@pytest.mark.parametrize(
    ("method", "typed", "answer"),
    [
        *(("views.open", "edit", answer) for answer in POSTED),
        *(("conversations.*", "who #studio", answer) for answer in POSTED),
        ("upload", "my-data", BROKEN[0]),  # for a file the status says everything
        ("upload", "my-data", BROKEN[4]),
    ],
)
async def test_who_asks_for_something_reads_that_slack_did_not_answer(
    office: Office, method: str, typed: str, answer: tuple[int, str, str]
) -> None:
    office.slack.faults.add(broken(method, answer, times=None))
    await office.ana.types(STUDIO, f"/hours {typed}")
    await office.ana.sees("Slack did not answer me properly", channel=STUDIO)


@pytest.mark.parametrize("answer", POSTED)
async def test_a_slack_that_is_down_is_not_said_to_refuse_the_token(
    an_office: OpenOffice, clock: Clock, answer: tuple[int, str, str]
) -> None:
    async with Sandbox(clock=clock, manifest=manifest("/hours", socket_mode=True)) as sandbox:
        sandbox.slack.faults.add(broken("auth.test", answer))
        with pytest.raises(StartError, match=f"cannot be reached at http.*: auth.test: HTTP {answer[0]}"):
            async with an_office(sandbox=sandbox):
                pass
        sandbox.slack.faults.add(Fault(FaultKind.REFUSE, match="auth.test", error="internal_error", times=1))
        with pytest.raises(StartError, match=r"Slack cannot answer now \(internal_error\)"):
            async with an_office(sandbox=sandbox):
                pass
