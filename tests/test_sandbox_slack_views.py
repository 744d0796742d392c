"""The local Slack: modals and forms, with the limits that make bots stumble."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from slack_bolt.async_app import AsyncAck

from tests.small_app import (
    BUTTON,
    STUDIO,
    Json,
    SmallApp,
    field,
    installed,
    modal,
    opened,
    option,
    typed,
    words,
)


@pytest.fixture
async def small() -> AsyncIterator[SmallApp]:
    async with installed() as app:
        yield app


# ---------------------------------------------------------------- triggers, hashes, names
async def test_a_trigger_opens_one_modal_and_only_at_once(small: SmallApp) -> None:
    sent = await small.ana.types(STUDIO, "/hours edit")
    first = {"trigger_id": sent.payload["trigger_id"], "view": modal(typed("mon"))}
    await small.client.api_call("views.open", json=first)
    assert await small.refused("views.open", first) == "exchanged_trigger_id"
    late = (await small.ana.types(STUDIO, "/hours edit")).payload["trigger_id"]
    small.sandbox.clock.move(seconds=4)
    assert await small.refused("views.open", {**first, "trigger_id": late}) == "expired_trigger_id"
    assert await small.refused("views.open", {**first, "trigger_id": "1.2.3"}) == "invalid_trigger_id"


async def test_an_update_needs_the_hash_it_was_made_for(small: SmallApp) -> None:
    view = await opened(small, modal(typed("mon"), external_id="mine"))
    stale = view.hash
    await small.client.views_update(external_id="mine", hash=stale, view=modal(typed("tue")))
    again = {"view_id": view.id, "hash": stale, "view": modal(typed("wed"))}
    assert await small.refused("views.update", again) == "hash_conflict"
    assert await small.refused("views.update", {**again, "view_id": "V0"}) == "not_found"


async def test_an_external_id_is_unique_among_open_views(small: SmallApp) -> None:
    await opened(small, modal(typed("mon"), external_id="mine"))
    trigger = (await small.slack.human("U0BEN").types(STUDIO, "/hours")).payload["trigger_id"]
    twice = {"trigger_id": trigger, "view": modal(typed("mon"), external_id="mine")}
    assert await small.refused("views.open", twice) == "duplicate_external_id"
    await small.ana.close()
    await small.client.api_call("views.open", json=twice)


async def test_bad_views_are_refused_with_the_reason(small: SmallApp) -> None:
    trigger = (await small.ana.types(STUDIO, "/hours edit")).payload["trigger_id"]
    long = {"trigger_id": trigger, "view": modal(typed("mon"), title="T" * 25)}
    assert await small.refused("views.open", long) == "invalid_arguments"
    large = {"trigger_id": trigger, "view": modal(*[_long_section() for _ in range(90)])}
    assert await small.refused("views.open", large) == "view_too_large"


def _long_section() -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}


# ---------------------------------------------------------------- forms
async def test_a_form_sends_every_field_it_has(small: SmallApp) -> None:
    """Also those that were not touched, and menus outside of input blocks."""
    got: list[Json] = []

    @small.bolt.view("week")
    async def save(ack: AsyncAck, view: Json) -> None:
        await ack()
        got.append(view["state"]["values"])

    options = [option("a"), option("b")]
    view = await opened(
        small,
        modal(
            typed("text", "8"),
            typed("empty", optional=True),
            field("number", {"type": "number_input", "is_decimal_allowed": True}),
            field("select", {"type": "static_select", "options": options}),
            field("boxes", {"type": "checkboxes", "options": options}),
            field("radio", {"type": "radio_buttons", "options": options, "initial_option": options[1]}),
            field("day", {"type": "datepicker"}),
            field("hour", {"type": "timepicker", "initial_time": "09:00"}),
            field("who", {"type": "users_select"}),
            field("many", {"type": "multi_users_select"}),
            field("where", {"type": "conversations_select"}),
            field("channel", {"type": "channels_select"}),
            field("mail", {"type": "email_text_input"}),
            field("link", {"type": "url_text_input"}, optional=True),
            {
                "type": "section",
                "block_id": "beside",
                "text": words("Beside"),
                "accessory": {"type": "static_select", "action_id": "it", "options": options},
            },
        ),
    )
    fields = {"number": "7.5", "select": "b", "boxes": ["a"], "day": "2026-11-23", "who": "U0BEN"}
    fields |= {"many": ["U0BEN", "U0MIA"], "where": STUDIO, "channel": STUDIO, "mail": "a@example.com"}
    for name, value in fields.items():
        small.ana.fill(view, name, value)
    async with small.connected():
        assert (await small.ana.submit()).ok
    assert small.ana.modal is None
    values = {block: next(iter(actions.values())) for block, actions in got[0].items()}
    assert {block: {k: v for k, v in state.items() if k != "type"} for block, state in values.items()} == {
        "text": {"value": "8"},
        "empty": {"value": None},
        "number": {"value": "7.5"},
        "select": {"selected_option": options[1]},
        "boxes": {"selected_options": [options[0]]},
        "radio": {"selected_option": options[1]},
        "day": {"selected_date": "2026-11-23"},
        "hour": {"selected_time": "09:00"},
        "who": {"selected_user": "U0BEN"},
        "many": {"selected_users": ["U0BEN", "U0MIA"]},
        "where": {"selected_conversation": STUDIO},
        "channel": {"selected_channel": STUDIO},
        "mail": {"value": "a@example.com"},
        "link": {"value": None},
        "beside": {"selected_option": None},
    }


async def test_the_client_itself_refuses_empty_fields_and_wrong_numbers(small: SmallApp) -> None:
    number = field("hours", {"type": "number_input", "is_decimal_allowed": False, "max_value": "24"})
    view = await opened(small, modal(typed("mon"), number))
    small.ana.fill(view, "Hours", "25")
    assert (await small.ana.submit()).error == "client"
    assert small.ana.errors == {
        "mon": "Please complete this required field.",
        "hours": "Enter a number of at most 24.",
    }
    small.ana.fill(view, "Hours", "7h30")
    await small.ana.submit()
    assert small.ana.errors["hours"] == "Enter a number."


async def test_a_form_is_answered_with_errors_update_push_and_clear(small: SmallApp) -> None:
    answers: list[Json] = [
        {"response_action": "errors", "errors": {"mon": "Between 0 and 24."}},
        {"response_action": "update", "view": modal(typed("mon"), title="Updated")},
        {"response_action": "push", "view": modal(typed("mon", "1"), title="Pushed")},
        {"response_action": "clear"},
    ]

    @small.bolt.view("week")
    async def save(ack: AsyncAck) -> None:
        await ack(answers.pop(0))

    view = await opened(small, modal(typed("mon")))
    small.ana.fill(view, "mon", "99")
    async with small.connected():
        await small.ana.submit()
        assert small.ana.errors == {"mon": "Between 0 and 24."}
        await small.ana.submit()
        updated = await small.ana.sees_modal("Updated")
        assert updated is view
        assert updated.values["mon"]["it"]["value"] == "99"
        assert small.ana.errors == {}
        await small.ana.submit()
        pushed = await small.ana.sees_modal("Pushed")
        assert (pushed.root_view_id, pushed.previous_view_id) == (view.id, view.id)
        await small.ana.submit()
    assert small.ana.modal is None


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nowhere": "?"}},
        {"response_action": "update", "view": {"type": "modal"}},
    ],
)
async def test_an_answer_that_makes_no_sense_is_trouble_in_the_modal(small: SmallApp, answer: Json) -> None:
    @small.bolt.view("week")
    async def save(ack: AsyncAck) -> None:
        await ack(answer)

    view = await opened(small, modal(typed("mon", "8")))
    async with small.connected():
        assert not (await small.ana.submit()).ok
    assert view.alert == "We had some trouble connecting. Try again?"
    assert small.ana.modal is view


async def test_typed_values_stay_under_unchanged_ids_only(small: SmallApp) -> None:
    view = await opened(small, modal(typed("mon", "8"), typed("tue", "8")))
    small.ana.fill(view, "mon", "7")
    small.ana.fill(view, "tue", "7")
    await small.client.views_update(view_id=view.id, view=modal(typed("mon", "4"), typed("tue2", "4")))
    assert {block: state["it"]["value"] for block, state in view.values.items()} == {"mon": "7", "tue2": "4"}


# ---------------------------------------------------------------- the stack
async def test_a_stack_is_three_deep(small: SmallApp) -> None:
    @small.bolt.action("go")
    async def go(ack: AsyncAck) -> None:
        await ack()

    async def press() -> Json:
        top = small.ana.modal
        assert top
        return (await small.ana.click(top, "go")).payload

    await opened(small, modal(BUTTON, title="1"))
    async with small.connected():
        for title in ("2", "3"):
            trigger = (await press())["trigger_id"]
            await small.client.views_push(trigger_id=trigger, view=modal(BUTTON, title=title))
        fourth = {"trigger_id": (await press())["trigger_id"], "view": modal(BUTTON, title="4")}
        assert await small.refused("views.push", fourth) == "push_limit_reached"
    await small.ana.close()
    assert (await small.ana.sees_modal("2")).title == "2"


async def test_closing_is_told_when_asked_for(small: SmallApp) -> None:
    closed: list[bool] = []

    @small.bolt.view_closed("week")
    async def on_close(ack: AsyncAck, body: Json) -> None:
        await ack()
        closed.append(body["is_cleared"])

    async with small.connected():
        for everything in (False, True):
            await opened(small, modal(typed("mon"), notify_on_close=True))
            await small.ana.close(all=everything)
    assert closed == [False, True]


async def test_a_closed_view_cannot_be_updated(small: SmallApp) -> None:
    view = await opened(small, modal(typed("mon")))
    await small.ana.close()
    late = {"view_id": view.id, "view": modal(typed("tue"))}
    assert await small.refused("views.update", late) == "not_found"
    with pytest.raises(LookupError):
        small.ana.fill(view, "mon", "8")
