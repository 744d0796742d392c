"""A planned change in a real browser: made in the form, begun and put back when their days come."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser import Screen
from tests.in_browser import IN_BROWSER, browser, office, screen
from tests.office import Office

__all__ = ["browser", "office", "screen"]

pytestmark = IN_BROWSER


async def test_a_change_planned_in_the_form_comes_and_goes_on_its_days(
    screen: Screen, office: Office
) -> None:
    """What a newcomer does: plan a week, move the clock to its first day, and past its last."""
    await screen.say("/hours edit")
    await screen.press("Mon–Thu 8 h", inside=screen.modal)
    await expect(screen.modal).to_contain_text("Nothing is saved before you press Save.")
    await screen.modal.get_by_label("From", exact=True).fill("2026-03-09")
    await screen.modal.get_by_label("Until").fill("2026-03-08")
    await screen.press("Save", inside=screen.modal)
    await expect(screen.modal.get_by_role("alert")).to_contain_text("can’t come before the first")
    await screen.modal.get_by_label("Until").fill("2026-03-15")
    await screen.press("Save", inside=screen.modal)
    await expect(screen.modal).to_contain_text("Planned from Mon 9 Mar 2026 until Sun 15 Mar 2026")
    await expect(screen.modal).to_contain_text("On Mon 16 Mar 2026 it is put back: Fri 8 h.")
    await screen.press("Close", inside=screen.modal.locator("footer"))
    await expect(screen.modal).to_have_count(0)
    await screen.say("/hours plan")
    await expect(screen.last).to_contain_text("Fri off")
    assert office.focus_week(501) == "8 8 8 8 8 - -"

    await screen.move_clock("Monday 9:00")
    await screen.go("Working Hours")
    told = screen.messages.filter(has_text="You changed your week, as planned: Fri 8 h → off")
    await expect(told).to_have_count(1)  # before or after what told of the day: both are due at once
    assert office.focus_week(501) == "8 8 8 8 0 - -"
    await screen.move_clock("Monday 9:00")
    told = screen.messages.filter(has_text="You put back your week, as planned: Fri off → 8 h")
    await expect(told).to_have_count(1)
    assert office.focus_week(501) == "8 8 8 8 8 - -"
    assert office.focus_calls().count("PUT") == 2
