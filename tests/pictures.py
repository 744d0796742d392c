"""The pictures of the README, taken from the page with the real bot behind it: ``make pictures``.

The clock stands still, so that a picture changes only when what it shows has changed.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from playwright.async_api import FloatRect, Locator, expect

from bot.sandbox.clock import Clock
from tests.browser import CHROMIUM, PHONE, Screen, open_chromium, open_screen
from tests.office import STUDIO, Office, open_office

DOCS = Path(__file__).parent.parent / "docs"
MORNING = datetime(2026, 3, 2, 8, 40, tzinfo=UTC)
NARROW = {"viewport": {"width": 1080, "height": 520}, "device_scale_factor": 1.5}
HERO = {"viewport": {"width": 1080, "height": 676}, "device_scale_factor": 1.5}
WIDE = {"viewport": {"width": 1200, "height": 560}, "device_scale_factor": 1.1}
TALL = {"viewport": {"width": 1080, "height": 800}, "device_scale_factor": 1.5}
Take = Callable[[Office, Screen], Awaitable[Locator | None]]
"""Leads a screen to what is to be seen; what it gives back is all that the picture shows."""


@dataclass(frozen=True, slots=True)
class Picture:
    """How one is taken; ``around`` are pixels shown around a part of the page."""

    take: Take
    window: dict[str, Any]
    around: int = 0


async def look(_: Office, screen: Screen) -> None:
    """The answer to the command that is typed already, and a change in one line."""
    await screen.composer.press("Enter")
    await expect(screen.last).to_contain_text("40 h")
    await screen.say("/hours set fri off")
    await expect(screen.last).to_contain_text("You changed")


async def editor(_: Office, screen: Screen) -> Locator:
    """One's own week in the modal."""
    await screen.say("/hours edit")
    await expect(screen.modal.get_by_label("Hours a day")).to_be_visible()
    return screen.modal


async def field(_: Office, screen: Screen) -> Locator:
    """An error beside its field."""
    await screen.say("/hours edit")
    await screen.press("Different hours per day", inside=screen.modal)
    await screen.modal.get_by_role("textbox", name="Thursday").fill("7h30")
    await screen.modal.get_by_role("textbox", name="Friday").fill("9-17")
    await screen.press("Save", inside=screen.modal)
    await expect(screen.modal.get_by_role("alert")).to_be_visible()
    return screen.modal


async def receipt(_: Office, screen: Screen) -> Locator:
    """A change in one line, and its receipt in the direct message, undone there."""
    await screen.say("/hours set thu 7h30, fri off")
    await expect(screen.last.get_by_role("button", name="Undo")).to_be_visible()
    await screen.go("Working Hours")
    await screen.press("Undo", inside=screen.last)
    await expect(screen.last.get_by_role("button", name="Redo")).to_be_visible()
    return screen.page.get_by_role("main")


async def notice(office: Office, screen: Screen) -> Locator:
    """What a person reads whose week a manager has changed."""
    await office.make_manager()
    await screen.act_as("Mia Tanaka")
    await screen.say("/hours set @ben wed-thu 6")
    await expect(screen.last).to_contain_text("You changed")
    await screen.act_as("Ben Okafor")
    await screen.go("Working Hours")
    await expect(screen.last).to_contain_text("changed your")
    return screen.page.get_by_role("main")


async def failure(office: Office, screen: Screen) -> None:
    """Focus fails after writing, and the bot finds out what happened."""
    await office.ben.types(STUDIO, "/hours set wed 5")  # the first PUT of all is read back anyway
    await office.ben.sees("You changed", channel=STUDIO)
    await screen.switch("Focus fails after it has written")
    await screen.panel("Calls")
    await screen.say("/hours set fri 4")
    await expect(screen.last.get_by_role("button", name="Undo")).to_be_visible()


async def board(office: Office, screen: Screen) -> Locator:
    """Who works when this week, as read just now; Mia is away at its end."""
    office.focus.add_time_off(504, date(2026, 3, 5), date(2026, 3, 6))
    await screen.say('/hours who week @ana @ben @mia @olivia "Designer 1"')
    await screen.press("Refresh", inside=screen.last)
    await expect(screen.last).to_contain_text("just now")
    return screen.last


async def bulk(office: Office, screen: Screen) -> Locator:
    """What a change would do to several, before anything is written."""
    await office.make_manager("<@U0ANA> <@U0BEN>")
    await screen.act_as("Mia Tanaka")
    await screen.say("/hours set @ana @ben @olivia mon-thu 8, fri off")
    await expect(screen.last).to_contain_text("would change")
    return screen.last


async def home(office: Office, screen: Screen) -> Locator:
    """A manager's App Home after a change."""
    await office.make_manager()
    await office.mia.types(STUDIO, "/hours me <@U0ANA> <@U0BEN>")
    await office.mia.sees("Ben", channel=STUDIO)
    await screen.act_as("Mia Tanaka")
    await screen.say("/hours set fri 4")
    await expect(screen.last.get_by_role("button", name="Undo")).to_be_visible()
    await screen.go("Working Hours")
    await screen.page.get_by_role("tab", name="Home").click()
    await expect(screen.home).to_contain_text("Latest changes")
    await expect(screen.home).to_contain_text("Away")
    return screen.page.get_by_role("main")


async def reminder(office: Office, screen: Screen) -> Locator:
    """A check on the day it was made for, answered by one tap, and what that answers privately."""
    await office.olivia.types(STUDIO, "/hours remind mon 9:00 check")
    await office.olivia.sees("Created.", channel=STUDIO)
    office.clock.move(seconds=1_200)
    check = screen.messages.filter(has_text="still right").first
    await screen.press("Still right", inside=check)
    await expect(screen.last).to_contain_text("Confirmed")
    office.clock.move(seconds=60)
    await expect(check).to_contain_text("1 of 5 answered")
    await screen.composer.fill("")
    return screen.page.get_by_role("main")


async def plan(office: Office, screen: Screen) -> Locator:
    """A change for three months, said back in full before anything is written."""
    await office.make_manager()
    await screen.act_as("Mia Tanaka")
    await screen.say("/hours set @ana mon-thu 7, fri off from 1 Apr 2026 until 2026-06-30")
    await expect(screen.last.get_by_role("button", name="Change…")).to_be_visible()
    return screen.page.get_by_role("main")


PICTURES = {
    "look": Picture(look, HERO),
    "editor": Picture(editor, TALL | {"viewport": {"width": 1080, "height": 1080}}, around=16),
    "field": Picture(field, TALL, around=16),
    "receipt": Picture(receipt, TALL | {"viewport": {"width": 1080, "height": 680}}),
    "notice": Picture(notice, NARROW),
    "failure": Picture(failure, WIDE),
    "board": Picture(board, NARROW),
    "bulk": Picture(bulk, NARROW),
    "plan": Picture(plan, NARROW),
    "home": Picture(home, NARROW | {"viewport": {"width": 1080, "height": 760}}),
    "reminder": Picture(reminder, NARROW | {"viewport": {"width": 1080, "height": 592}}),
    "phone": Picture(look, PHONE | {"device_scale_factor": 1.75}),
    "narrow": Picture(board, PHONE | {"device_scale_factor": 1.75}),
}


async def main(wanted: list[str]) -> None:
    """Take these pictures, or all."""
    if CHROMIUM is None:
        sys.exit("No Chromium here: the pictures need one.")
    async with open_chromium() as browser:
        for name in wanted or PICTURES:
            picture = PICTURES[name]
            with tempfile.TemporaryDirectory() as folder:
                async with open_office(Path(folder), clock=Clock(frozen_at=MORNING)) as office:
                    await office.clock.until_sleeping(2)
                    async with open_screen(browser, office.sandbox.url, **picture.window) as screen:
                        if picture.take is not look:  # the strip of steps is what the demo begins with
                            await screen.press("Hide the steps")
                        shown = await picture.take(office, screen)
                        await _write(DOCS / f"{name}.png", screen, shown, around=picture.around)


async def _write(path: Path, screen: Screen, shown: Locator | None, *, around: int) -> None:
    """Write it, with nothing lit under a pointer."""
    await screen.page.mouse.move(0, 0)
    box = await shown.bounding_box() if shown else None
    clip: FloatRect | None = None
    if box:
        clip = {
            "x": box["x"] - around,
            "y": box["y"] - around,
            "width": box["width"] + 2 * around,
            "height": box["height"] + 2 * around,
        }
    image = await screen.page.screenshot(path=path, clip=clip, animations="disabled")
    sys.stdout.write(f"{path.name}: {len(image) // 1000} kB\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
