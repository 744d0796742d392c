"""A Chromium that shows the sandbox's page, for the browser tests and the pictures of the README."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final

from playwright.async_api import Browser, ConsoleMessage, Locator, Page, async_playwright, expect

from tests.office import PATIENCE

__all__ = ["CHROMIUM", "PHONE", "Screen", "open_chromium", "open_screen"]

CHROMIUM: Final = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
"""Path of the browser; ``None`` if there is none."""

PHONE: Final[dict[str, Any]] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
}

expect.set_options(timeout=PATIENCE * 1000)

# Chromium's own sandbox does not work as root, as in most containers; the rest keeps it off the network.
_QUIETLY: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")


class Screen:
    """The page as a person uses it: elements are found by words and roles, not by classes."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._heard)

    @property
    def composer(self) -> Locator:
        """The composer's text field."""
        return self.page.locator("#composer").get_by_role("combobox")

    @property
    def messages(self) -> Locator:
        """The messages in the open channel, oldest first."""
        return self.page.get_by_test_id("message")

    @property
    def last(self) -> Locator:
        """The latest message."""
        return self.messages.last

    @property
    def modal(self) -> Locator:
        """The open dialog."""
        return self.page.get_by_role("dialog")

    @property
    def home(self) -> Locator:
        """The bot's Home tab."""
        return self.page.get_by_test_id("home")

    async def act_as(self, name: str) -> None:
        """Choose the person to act as."""
        who = self.page.get_by_label("Act as")
        value = await who.locator("option", has_text=name).get_attribute("value")
        await who.select_option(value)
        await expect(self.page.locator(".act-as-name")).to_contain_text(name)

    async def go(self, place: str) -> None:
        """Open a channel, or the direct message with the bot."""
        await self.page.get_by_role("link", name=place).click()
        await expect(self.page.get_by_role("heading", level=1)).to_contain_text(place)

    async def say(self, text: str) -> None:
        """Type a line, picking each @name from the list of suggestions, and send it."""
        await self.composer.fill("")
        for index, part in enumerate(text.split("@")):
            name, _, rest = part.partition(" ") if index else ("", "", part)
            if name:
                await self.composer.press_sequentially(f"@{name}")
                await expect(self.page.get_by_role("listbox", name="Suggestions")).to_be_visible()
                await self.composer.press("Enter")
            await self.composer.press_sequentially(rest)
        await self.composer.press("Enter")

    async def press(self, name: str, *, inside: Locator | None = None) -> None:
        """Click the last button with exactly this name, in the whole page or ``inside`` an element."""
        await (inside or self.page).get_by_role("button", name=name, exact=True).last.click()

    async def panel(self, tab: str) -> None:
        """Open a tab of the panel."""
        if not await self.page.get_by_role("tab", name=tab).is_visible():
            await self.press("Behind the scenes")
        await self.page.get_by_role("tab", name=tab).click()

    async def switch(self, sentence: str) -> None:
        """Switch a fault on or off, and wait until it is: what is done next must not overtake it."""
        await self.panel("Trouble and time")
        async with self._done("fault"):
            await self.page.get_by_role("switch", name=sentence).click()

    async def move_clock(self, button: str) -> None:
        """Move the clock, and wait until it has arrived, with whatever was due on its way."""
        await self.panel("Trouble and time")
        async with self._done("clock"):
            await self.press(button)

    def _done(self, act: str) -> AbstractAsyncContextManager[object]:
        """What is begun inside has been done by the sandbox when this ends."""
        return self.page.expect_response(lambda each: f'"act":"{act}"' in (each.request.post_data or ""))

    def _heard(self, line: ConsoleMessage) -> None:
        if line.type == "error":
            self.complaints.append(line.text)


@asynccontextmanager
async def open_chromium() -> AsyncIterator[Browser]:
    """Start a browser, which many screens can share."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIETLY)
        yield browser
        await browser.close()


@asynccontextmanager
async def open_screen(browser: Browser, url: str, **options: Any) -> AsyncIterator[Screen]:
    """Open the page in a new browser context, which has no memory of earlier ones."""
    context = await browser.new_context(**{"reduced_motion": "reduce", "color_scheme": "light", **options})
    page = await context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    screen = Screen(page)
    await page.goto(url)
    await expect(screen.composer).to_have_accessible_name("Message #studio")  # drawn, not only loaded
    yield screen
    await context.close()
