"""What every test in a browser stands on: a module that imports these three has one Chromium for all of them.

Each test has an office and a window of its own, in the loop that the browser is in.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser import CHROMIUM, Screen, open_chromium, open_screen
from tests.conftest import OpenOffice
from tests.office import Office

__all__ = ["IN_BROWSER", "browser", "office", "screen"]

IN_BROWSER = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Where there is none these tests are skipped, loudly; where one is required they fail."""
    if CHROMIUM is None:
        (pytest.fail if os.environ.get("BROWSER_TESTS") == "required" else pytest.skip)("no Chromium here")
    async with open_chromium() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def office(an_office: OpenOffice) -> AsyncIterator[Office]:
    """An office in the loop that the browser is in."""
    async with an_office() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def screen(browser: Browser, office: Office) -> AsyncIterator[Screen]:
    """Ana at her desk; nothing may have gone wrong in the browser when she leaves."""
    async with open_screen(browser, office.sandbox.url) as opened:
        yield opened
        assert opened.complaints == []
