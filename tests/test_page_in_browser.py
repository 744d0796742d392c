"""The page in a real browser with the real bot behind it: what a person sees, clicks and types.

One Chromium serves all these tests; each has an office and a window of its own.
"""

from __future__ import annotations

from playwright.async_api import Browser, Locator, expect

from bot.sandbox.focus import Focus
from tests.browser import PHONE, Screen, open_screen
from tests.in_browser import IN_BROWSER, browser, office, screen
from tests.office import STUDIO, Office

__all__ = ["browser", "office", "screen"]

pytestmark = IN_BROWSER

LEFT_AT = "Focus fails after it has written"
NEVER_BEGUN = "Focus fails before it writes"


def week(focus: Focus, person: int = 501) -> str:
    """Monday to Sunday as Focus holds them."""
    days = focus.week("user", person)
    return " ".join(str(days[day]) if day in days else "-" for day in range(1, 8))


async def steps(screen: Screen) -> str:
    """The strip above the messages: ``x`` is done."""
    marks = screen.page.get_by_label("Three steps to try").get_by_role("listitem")
    return "".join("x" if "done" in text else "." for text in await marks.all_text_contents())


async def table(place: Locator) -> list[str]:
    """The rows of the last table, a line each; by its cells, since one just redrawn has no layout."""
    cells = "table => [...table.rows].map(row => [...row.cells].map(cell => cell.textContent))"
    rows: list[list[str]] = await place.get_by_role("table").last.evaluate(cells)
    return [" ".join(" ".join(row).split()) for row in rows]


async def test_the_three_steps_tick_themselves(screen: Screen, office: Office) -> None:
    """Press Enter, edit the week in the modal, undo it: what the page proposes when it opens."""
    await expect(screen.composer).to_have_value("/hours me")
    assert await steps(screen) == "..."

    await screen.composer.press("Enter")
    await expect(screen.last).to_contain_text("Only visible to you")
    assert await table(screen.last) == [
        "Mon Tue Wed Thu Fri Sat Sun Total",
        "Hours 8 8 8 8 8 – – 40 h",
    ]
    assert await steps(screen) == "x.."

    await screen.press("Edit", inside=screen.last)
    await screen.modal.get_by_label("Friday").uncheck()
    await screen.modal.get_by_label("Hours a day").fill("7h30")
    await screen.press("Save", inside=screen.modal)
    await expect(screen.modal).to_contain_text("You changed your week")
    assert week(office.focus) == "7.5 7.5 7.5 7.5 0 - -"
    assert await steps(screen) == "xx."

    await screen.press("Undo", inside=screen.modal)
    await expect(screen.modal).to_contain_text("You put back your week")
    assert week(office.focus) == "8 8 8 8 8 - -"
    assert await steps(screen) == "xxx"

    await screen.press("Close", inside=screen.modal)
    await expect(screen.modal).to_have_count(0)
    await screen.press("/hours remind weekdays 9:00")
    await expect(screen.page.locator(".act-as-name")).to_contain_text("Mia Tanaka")
    await expect(screen.composer).to_have_value("/hours remind weekdays 9:00")


async def test_the_receipt_lasts_and_says_that_it_was_undone(screen: Screen) -> None:
    """What is only visible to me vanishes; the direct message stays, and is edited in place."""
    await screen.say("/hours set fri off")
    await expect(screen.last).to_contain_text("Fri 8 h → off; 40 h → 32 h in all")
    await expect(screen.page.get_by_role("link", name="Working Hours")).to_contain_text("1")

    await screen.go("Working Hours")
    first = screen.messages.first
    assert (await table(first))[1:] == ["Before 8 8 8 8 8 – – 40 h", "Now 8 8 8 8 off – – 32 h"]
    await screen.press("Undo", inside=first)
    await expect(first).to_contain_text("Undone by you")
    await expect(first.get_by_role("button", name="Undo")).to_have_count(0)
    await expect(screen.last.get_by_role("button", name="Redo")).to_be_visible()


async def test_a_wrong_field_says_so_and_keeps_what_was_typed(screen: Screen, office: Office) -> None:
    await screen.say("/hours edit")
    await screen.press("Different hours per day", inside=screen.modal)
    thursday = screen.modal.get_by_role("textbox", name="Thursday")
    friday = screen.modal.get_by_role("textbox", name="Friday")
    await thursday.fill("6")
    await friday.fill("9-17")
    await screen.press("Save", inside=screen.modal)

    await expect(screen.modal.get_by_role("alert")).to_contain_text("not start and end times")
    await expect(friday).to_be_focused()
    await expect(friday).to_have_attribute("aria-invalid", "true")
    await expect(thursday).to_have_value("6")
    await expect(screen.modal.get_by_role("button", name="Save")).to_be_enabled()  # not busy any more
    assert week(office.focus) == "8 8 8 8 8 - -"

    await friday.fill("7:30")
    await friday.press("Enter")
    await expect(screen.modal).to_contain_text("You changed your week")
    assert week(office.focus) == "8 8 8 6 7.5 - -"


async def test_a_manager_changes_a_week_and_its_person_reads_it(screen: Screen, office: Office) -> None:
    await office.make_manager()
    await screen.act_as("Mia Tanaka")
    await screen.say("/hours set @ben wed-thu 6")
    await expect(screen.last).to_contain_text("You changed @Ben Okafor’s week")

    await screen.act_as("Ben Okafor")
    await screen.go("Working Hours")
    await expect(screen.last).to_contain_text("@Mia Tanaka")
    assert (await table(screen.last))[2] == "Now 8:30 8:30 6 6 – – – 29 h"
    await expect(screen.last.get_by_role("button", name="Undo")).to_have_count(0)
    await screen.press("Change", inside=screen.last)
    await expect(screen.modal.get_by_role("textbox", name="Thursday")).to_have_value("6")


async def test_focus_fails_after_writing_and_the_bot_finds_out(screen: Screen, office: Office) -> None:
    """It reads again instead of writing again, and confirms what is really there."""
    await screen.switch(LEFT_AT)
    await screen.say("/hours set fri 4")
    await expect(screen.last).to_contain_text("Fri 8 h → 4 h")
    assert week(office.focus) == "8 8 8 8 4 - -"
    assert office.focus_calls().count("PUT") == 1

    await screen.panel("Calls")
    failed = screen.page.get_by_test_id("call").filter(has_text="fail after")
    await expect(failed).to_contain_text("503")
    await screen.panel("Weeks in Focus")
    await expect(screen.page.get_by_label("Ana Lindqvist, Fri")).to_have_value("4")


async def test_focus_fails_before_writing_and_the_message_ends_well(screen: Screen, office: Office) -> None:
    """Only a second look, half a minute later, is believed that nothing was changed; *Try again* does it."""
    await screen.switch(NEVER_BEGUN)
    await screen.say("/hours set fri 4")
    await expect(screen.last).to_contain_text("did not say whether it worked")
    await screen.switch(NEVER_BEGUN)
    await screen.move_clock("+1 hour")

    await screen.go("Working Hours")
    await expect(screen.last).to_contain_text("Nothing was changed in your week")
    await screen.press("Try again", inside=screen.last)
    await expect(screen.last).to_contain_text("Fri 8 h → 4 h")
    assert week(office.focus) == "8 8 8 8 4 - -"


async def test_home_shows_the_week_and_follows_a_change(screen: Screen) -> None:
    await screen.go("Working Hours")
    await screen.page.get_by_role("tab", name="Home").click()
    await expect(screen.home).to_contain_text("40 h a week")
    await screen.press("Edit", inside=screen.home)
    await screen.press("Mon–Thu 8 h", inside=screen.modal)
    await expect(screen.modal.get_by_label("Friday")).not_to_be_checked()
    await screen.press("Save", inside=screen.modal)
    await screen.press("Close", inside=screen.modal.locator("footer"))
    await expect(screen.home).to_contain_text("Fri 8 h → off")
    await screen.press("Undo", inside=screen.home)
    await expect(screen.home).to_contain_text("40 h a week")


async def test_what_comes_while_a_button_is_pressed_does_not_take_the_click_away(
    screen: Screen, office: Office
) -> None:
    """The sidebar is drawn again when its count of unread messages grows."""
    await screen.panel("Calls")
    await screen.page.get_by_role("link", name="Working Hours").hover()
    await screen.page.mouse.down()
    for number in (1, 2):  # the second call is shown after the state with the first receipt has come
        await office.ana.types(STUDIO, f"/hours set fri {number}")
        await office.ana.sees(f"→ {number} h", channel=office.ana.dm)
        posted = screen.page.get_by_test_id("call").filter(has_text="chat.postMessage")
        await expect(posted).to_have_count(number)
    await screen.page.mouse.up()
    await expect(screen.page.get_by_role("heading", level=1)).to_contain_text("Working Hours")
    await expect(screen.last).to_contain_text("Fri 1 h → 2 h")


async def test_nothing_but_the_keyboard(screen: Screen, office: Office) -> None:
    """From the command to the undo, the focus is always where one goes on."""
    keys = screen.page.keyboard
    await expect(screen.composer).to_be_focused()
    await keys.press("Enter")
    edit = screen.last.get_by_role("button", name="Edit")
    await edit.focus()
    await keys.press("Enter")
    await expect(screen.modal.get_by_label("Hours a day")).to_be_focused()
    await keys.type("6")
    await keys.press("Enter")
    await expect(screen.modal).to_contain_text("You changed your week")
    assert week(office.focus) == "6 6 6 6 6 - -"

    await keys.press("Shift+Tab")
    await expect(screen.modal.get_by_role("button", name="Undo")).to_be_focused()
    await keys.press("Enter")
    await expect(screen.modal).to_contain_text("You put back your week")
    await keys.press("Escape")
    await expect(screen.modal).to_have_count(0)
    await expect(edit).to_be_focused()
    assert week(office.focus) == "8 8 8 8 8 - -"


async def test_what_could_not_be_sent_stays_in_the_composer(screen: Screen) -> None:
    await screen.page.route("**/page/act", lambda route: route.abort())
    await screen.say("/hours set fri off")
    await expect(screen.composer).to_have_value("/hours set fri off")
    assert screen.complaints.pop().startswith("Failed to load resource")
    await screen.page.unroute("**/page/act")
    await screen.composer.press("Enter")
    await expect(screen.last).to_contain_text("Fri 8 h → off")


async def test_a_choice_and_the_panel_by_keyboard(screen: Screen) -> None:
    """The focus goes along into what opens, and returns when Escape closes it."""
    keys = screen.page.keyboard
    await screen.say("/hours ana")
    await screen.last.get_by_role("combobox").focus()
    await keys.press("ArrowDown")
    await expect(screen.page.get_by_role("listbox").get_by_text("Ana Petrova")).to_be_visible()
    await keys.press("ArrowDown")
    await keys.press("Enter")
    await expect(screen.last).to_contain_text("Ana Petrova’s week")

    toggle = screen.page.get_by_role("button", name="Behind the scenes")
    await toggle.focus()
    await keys.press("Enter")
    await expect(screen.page.get_by_role("tab", name="Calls")).to_be_focused()
    await keys.press("ArrowRight")
    await expect(screen.page.get_by_role("tab", name="Weeks in Focus")).to_be_focused()
    await keys.press("Escape")
    await expect(toggle).to_be_focused()
    await expect(toggle).to_have_attribute("aria-expanded", "false")


async def test_on_a_phone_nothing_is_wider_than_the_screen(browser: Browser, office: Office) -> None:
    async with open_screen(browser, office.sandbox.url, **PHONE) as screen:
        await screen.composer.press("Enter")
        total = screen.last.get_by_role("columnheader", name="Total")
        await expect(total).to_be_in_viewport(ratio=1)
        await screen.press("Edit", inside=screen.last)
        save = screen.modal.get_by_role("button", name="Save")
        await expect(save).to_be_in_viewport(ratio=1)
        await screen.modal.get_by_label("Hours a day").fill("7")
        await save.tap()
        await expect(screen.modal).to_contain_text("You changed your week")
        await screen.press("Close", inside=screen.modal)
        await expect(screen.modal).to_have_count(0)
        await screen.say("/hours set thu 7h30, fri off")
        await expect(screen.last).to_contain_text("28:30 h")
        await expect(screen.last.get_by_role("columnheader", name="Total")).to_be_in_viewport(ratio=1)
        await screen.press("Channels")
        await screen.go("Working Hours")
        for tab in ("Home", "Messages"):
            await screen.page.get_by_role("tab", name=tab).tap()  # nothing lies above it
        wide = await screen.page.evaluate("document.documentElement.scrollWidth")
        assert wide == PHONE["viewport"]["width"]
        assert screen.complaints == []


async def test_a_team_from_the_board_to_bulk_and_back(screen: Screen, office: Office) -> None:
    before = [week(office.focus, person) for person in (501, 503)]
    await screen.act_as("Olivia Grant")
    await screen.say("/hours who week @ana @ben")
    await expect(screen.last).to_contain_text("just now")
    await screen.press("Refresh", inside=screen.last)
    await expect(screen.last).to_contain_text("just now")
    assert (await table(screen.last))[1:] == [
        "Ana Lindqvist 8 8 8 8 8 – – 40 h",
        "Ben Okafor 8:30 8:30 4 – – – – 21 h",
    ]
    await screen.say("/hours bulk @ana @ben")
    await screen.modal.get_by_label("Days and hours").fill("mon-thu 8, fri off")
    await screen.press("Preview", inside=screen.modal)
    await expect(screen.modal).to_contain_text("2 of 2 weeks would change")
    await expect(screen.modal).to_contain_text("Nothing is written yet.")
    await screen.press("Apply to 2", inside=screen.modal)
    await expect(screen.modal).to_contain_text("You changed")
    assert [week(office.focus, person) for person in (501, 503)] == ["8 8 8 8 0 - -"] * 2
    await screen.press("Close", inside=screen.modal)
    await screen.go("Working Hours")
    await screen.press("Undo", inside=screen.last)
    await expect(screen.last.get_by_role("button", name="Redo")).to_be_visible()
    assert [week(office.focus, person) for person in (501, 503)] == before


async def test_a_team_on_a_phone(browser: Browser, office: Office) -> None:
    """A board scrolls inside its frame, and names stay readable beside the days."""
    async with open_screen(browser, office.sandbox.url, **PHONE) as screen:
        await screen.say("/hours who week @ana @ben @olivia")
        await expect(screen.last).to_contain_text("just now")
        for name in ("Ana Lindqvist", "Olivia Grant"):
            box = await screen.last.get_by_role("cell", name=name).bounding_box()
            assert box
            assert box["height"] < 60
            assert box["width"] > 50
        frame = screen.last.get_by_role("group", name="Table")
        await frame.evaluate("frame => frame.scrollLeft = frame.scrollWidth")
        await expect(screen.last.get_by_role("columnheader", name="Total")).to_be_in_viewport(ratio=0.9)
        await expect(screen.last.get_by_role("cell", name="Ana Lindqvist")).to_be_in_viewport(ratio=1)
        wide = await screen.page.evaluate("document.documentElement.scrollWidth")
        assert wide == PHONE["viewport"]["width"]
        assert screen.complaints == []
