"""A reminder in a real browser: made in the form, posted when its day comes, and answered by one tap."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser import Screen
from tests.in_browser import IN_BROWSER, browser, office, screen
from tests.office import STUDIO, Office

__all__ = ["browser", "office", "screen"]

pytestmark = IN_BROWSER


def checks(office: Office) -> list[str]:
    """What the channel has of checks, read aloud."""
    posts = office.slack.posts.get(STUDIO, [])
    return [each.text for each in posts if "still right" in each.text and not each.ephemeral_to]


async def test_a_reminder_comes_on_its_day_and_is_answered_by_one_tap(screen: Screen, office: Office) -> None:
    """What a newcomer does: make one, move the clock to its day, press *Still right*."""
    await screen.act_as("Olivia Grant")
    await screen.say("/hours remind")
    await screen.modal.get_by_label("Days").fill("every second monday")
    await screen.press("Create", inside=screen.modal)
    await expect(screen.modal.get_by_role("alert")).to_contain_text("I can’t do")
    await screen.modal.get_by_label("Days").fill("mon")
    await screen.press("Create", inside=screen.modal)
    await expect(screen.modal).to_contain_text("next: Mon 9 Mar 2026, 9:00 Europe/London")
    await screen.press("Close", inside=screen.modal.locator("footer"))
    assert checks(office) == []

    await screen.move_clock("Monday 9:00")
    await screen.act_as("Ana Lindqvist")
    check = screen.messages.filter(has_text="still right").first
    await expect(check).to_contain_text("0 of 5 answered")
    await screen.press("Still right", inside=check)
    await expect(screen.last).to_contain_text("Mon–Fri 8 h")
    await expect(screen.last).to_contain_text("Only visible to you")
    office.clock.move(seconds=60)  # however many answer, the message is edited at a pace
    await expect(check).to_contain_text("1 of 5 answered")

    await screen.press("Still right", inside=check)
    await expect(screen.last).to_contain_text("You confirmed this already")
    office.clock.move(seconds=60)
    await expect(check).to_contain_text("1 of 5 answered")
    assert len(checks(office)) == 1


async def test_a_newcomer_lives_through_a_month(screen: Screen, office: Office) -> None:
    """A reminder and a plan, made now for next month: the clock is moved once, and each happens once."""
    await screen.act_as("Olivia Grant")
    await screen.say("/hours remind first workday 7:30")
    await expect(screen.last).to_contain_text("next: Wed 1 Apr 2026, 7:30 Europe/London")
    await screen.say("/hours set @ben mon-thu 7 from 2026-04-01")
    await expect(screen.last).to_contain_text("from Wed 1 Apr 2026")
    assert office.focus_week(503) == "8.5 8.5 4 - - - -"

    await screen.move_clock("1st of next month, 9:00")
    check = screen.messages.filter(has_text="Are your working hours").first
    await expect(check).to_contain_text("answered · Wed 1 April")
    assert office.focus_week(503) == "7 7 7 7 - - -"
    await screen.act_as("Ana Lindqvist")
    await screen.press("Still right", inside=check)
    await expect(screen.last).to_contain_text("Mon–Fri 8 h")
    office.clock.move(seconds=60)  # however many answer, the message is edited at a pace
    await expect(check).to_contain_text("1 of 6 answered · Wed 1 April")
    await screen.move_clock("What is due next")
    closed = screen.messages.filter(has_text="checked on Wed 1 April")
    await expect(closed).to_contain_text("1 of 6 answered")
    assert checks(office) == [], "its day is over"

    await screen.act_as("Ben Okafor")
    await screen.go("Working Hours")
    await expect(screen.messages.filter(has_text="has begun")).to_have_count(1)
    await expect(screen.messages.filter(has_text="changed your")).to_have_count(1)

    await screen.move_clock("1st of next month, 9:00")
    await expect(screen.page.get_by_role("status").filter(has_text="1 May")).to_be_visible()
    assert office.focus_calls().count("PUT") == 1
    assert len([each for each in office.slack.posts[STUDIO] if "on Wed 1 April" in each.text]) == 1
