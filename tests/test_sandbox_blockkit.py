"""The local Slack refuses what Slack refuses: sizes, surfaces and shapes of blocks and views."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack.blockkit import Surface, check_blocks, check_view, flatten

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def option(value: str = "1", text: str = "one") -> Json:
    return {"text": plain(text), "value": value}


def section(**more: Any) -> Json:
    return {"type": "section", "text": mrkdwn("Ana works *40 h*"), **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain("Undo"), "action_id": "undo", **more}


def field(element: Json, **more: Any) -> Json:
    return {"type": "input", "label": plain("Monday"), "element": element, **more}


def text_field(**more: Any) -> Json:
    return field({"type": "plain_text_input", "action_id": "hours", **more})


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("Your week"), "blocks": list(blocks), **more}


CONFIRM = {
    "title": plain("Sure?"),
    "text": mrkdwn("It is *kept*"),
    "confirm": plain("Yes"),
    "deny": plain("No"),
}
SELECT = {"type": "static_select", "action_id": "day", "options": [option()]}
TABLE: Json = {
    "type": "table",
    "rows": [[{"type": "raw_text", "text": "Mon"}, {"type": "raw_text", "text": "8"}]],
}
RICH = {
    "type": "rich_text",
    "elements": [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": "Hi", "style": {"bold": True}}]},
        {
            "type": "rich_text_list",
            "style": "bullet",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U0ANA"}]}],
        },
    ],
}
ALERT = {"type": "alert", "text": plain("Changed by Mia meanwhile"), "level": "warning"}


@pytest.mark.parametrize(
    ("block", "surface"),
    [
        (section(fields=[mrkdwn("Mon 8")], accessory=button(), expand=True), "message"),
        (section(accessory={**SELECT, "initial_option": option()}), "home"),
        (section(accessory={"type": "overflow", "options": [option()], "action_id": "more"}), "message"),
        (section(accessory={"type": "multi_users_select", "initial_users": ["U0ANA"]}), "modal"),
        (actions(button(confirm=CONFIRM, style="danger"), SELECT), "message"),
        (actions({"type": "external_select", "min_query_length": 0, "action_id": "who"}), "home"),
        (actions({"type": "timepicker", "initial_time": "09:30", "timezone": "Europe/Oslo"}), "message"),
        (actions({"type": "datetimepicker", "initial_date_time": 1_800_000_000}), "message"),
        ({"type": "header", "text": plain("Your week")}, "message"),
        ({"type": "context", "elements": [mrkdwn("as of 9:00"), plain("Toggl Focus")]}, "message"),
        ({"type": "divider", "block_id": "line"}, "home"),
        (TABLE, "message"),
        (RICH, "message"),
        (ALERT, "modal"),
        ({"type": "markdown", "text": "# Week"}, "message"),
        (text_field(initial_value="7h30", max_length=10, dispatch_action_config={}), "modal"),
        (field({"type": "checkboxes", "options": [option()], "initial_options": [option()]}), "modal"),
        (field({"type": "number_input", "is_decimal_allowed": True, "min_value": "0"}), "modal"),
    ],
)
def test_what_slack_accepts_is_accepted(block: Json, surface: Surface) -> None:
    assert check_blocks([block], surface=surface) is None


@pytest.mark.parametrize(
    ("block", "surface", "reason"),
    [
        (
            section(text=mrkdwn("")),
            "message",
            "must be more than 0 characters [json-pointer:/blocks/0/text/text]",
        ),
        (section(text=mrkdwn("x" * 3001)), "message", "less than 3001 characters"),
        ({"type": "section"}, "message", "missing required field: text [json-pointer:/blocks/0]"),
        (section(fields=[mrkdwn("x")] * 11), "message", "no more than 10 items allowed"),
        (section(fields=[mrkdwn("x" * 2001)]), "message", "[json-pointer:/blocks/0/fields/0/text]"),
        (section(colour="red"), "message", "invalid additional property: colour [json-pointer:/blocks/0]"),
        (section(accessory=text_field()["element"]), "modal", "unsupported type: plain_text_input"),
        ({"type": "header", "text": mrkdwn("x")}, "message", "unsupported type: mrkdwn"),
        ({"type": "header", "text": plain("x" * 151)}, "message", "less than 151"),
        ({"type": "context", "elements": []}, "message", "no less than 1 items"),
        ({"type": "context", "elements": [plain("x")] * 11}, "message", "no more than 10"),
        (actions(*[button(action_id=str(n)) for n in range(26)]), "message", "no more than 25"),
        (actions(button(), button()), "message", "duplicate action_id [json-pointer:/blocks/0]"),
        (actions(button(text=plain("x" * 76))), "message", "/blocks/0/elements/0/text/text"),
        (actions(button(value="x" * 2001)), "message", "less than 2001"),
        (actions(button(action_id="x" * 256)), "message", "less than 256"),
        (actions(button(style="loud")), "message", "must be one of: primary, danger"),
        (actions(button(confirm={"title": plain("?")})), "message", "missing required field: text"),
        (actions({"type": "rocket"}), "message", "unsupported type: rocket"),
        (actions({**SELECT, "options": [option(value="x" * 151)]}), "message", "less than 151"),
        (actions({**SELECT, "options": [option()] * 101}), "message", "no more than 100"),
        (actions({**SELECT, "initial_option": option("2")}), "message", "must be one of the options"),
        (actions({**SELECT, "option_groups": []}), "message", "no less than 1"),
        (actions({"type": "static_select", "action_id": "day"}), "message", "exactly one of: options"),
        (actions({"type": "overflow", "options": [option()] * 6}), "message", "no more than 5"),
        (actions({"type": "datepicker", "initial_date": "1/2/26"}), "message", "does not match"),
        (actions({"type": "timepicker", "timezone": "Mars/Base"}), "message", "invalid timezone"),
        (field({"type": "radio_buttons", "options": [option()] * 11}), "modal", "no more than 10"),
        (field({"type": "number_input", "is_decimal_allowed": True, "min_value": 0}), "modal", "a string"),
        (field({"type": "number_input"}), "modal", "missing required field: is_decimal_allowed"),
        (
            field({"type": "number_input", "is_decimal_allowed": False, "initial_value": "7.5"}),
            "modal",
            "whole numbers",
        ),
        (field(button()), "modal", "unsupported type: button"),
        (text_field(initial_value="12345", max_length=4), "modal", "less than 5"),
        (text_field(placeholder=plain("x" * 151)), "modal", "less than 151"),
        ({**text_field(), "label": plain("x" * 2001)}, "modal", "less than 2001"),
        (TABLE, "modal", "unsupported type: table, not allowed in a modal"),
        ({**TABLE, "rows": TABLE["rows"] * 101}, "message", "no more than 100"),
        (
            {**TABLE, "rows": [[{"type": "raw_text", "text": "x" * 5001}] * 2]},
            "message",
            "in all cells together",
        ),
        (ALERT, "message", "unsupported type: alert, not allowed in a message"),
        ({**ALERT, "text": plain("x" * 201)}, "modal", "less than 201"),
        (
            {"type": "image", "image_url": "https://a.example/a.png", "alt_text": "a"},
            "message",
            "downloading",
        ),
        ({"text": plain("x")}, "message", "missing required field: type"),
        ("text", "message", "must be an object"),
    ],
)
def test_what_slack_refuses_is_refused_with_its_place(block: Any, surface: Surface, reason: str) -> None:
    assert reason in (check_blocks([block], surface=surface) or "accepted")


@pytest.mark.parametrize(
    ("blocks", "reason"),
    [
        ([section()] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
        (
            [section(block_id="a"), section(block_id="a")],
            "duplicate block_id: a [json-pointer:/blocks/1/block_id]",
        ),
        ([TABLE, TABLE], "only one table"),
        ([{"type": "markdown", "text": "x" * 6001}] * 2, "in all markdown blocks together"),
        ({"type": "section"}, "must be an array"),
    ],
)
def test_rules_across_blocks(blocks: Any, reason: str) -> None:
    assert reason in (check_blocks(blocks, surface="message") or "accepted")


@pytest.mark.parametrize(
    "view",
    [
        modal(section()),
        modal(
            text_field(), submit=plain("Save"), close=plain("Cancel"), notify_on_close=True, external_id="e1"
        ),
        modal(*[section()] * 100, private_metadata="x" * 3000, callback_id="x" * 255),
        {"type": "home", "blocks": [section()], "callback_id": "home"},
    ],
)
def test_views_slack_accepts(view: Json) -> None:
    assert check_view(view) is None


@pytest.mark.parametrize(
    ("view", "reason"),
    [
        (modal(title=plain("x" * 25)), "less than 25 characters [json-pointer:/view/title/text]"),
        (modal(submit=plain("x" * 25)), "/view/submit/text"),
        (modal(text_field()), "missing required field: submit [json-pointer:/view]"),
        (modal(private_metadata="x" * 3001), "less than 3001"),
        (modal(callback_id="x" * 256), "less than 256"),
        (modal(*[section()] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        (modal(*[section(text=mrkdwn("x" * 2900))] * 90), "view_too_large: "),
        (modal(hash="1"), "invalid additional property: hash"),
        ({"type": "home", "blocks": [], "title": plain("x")}, "invalid additional property: title"),
        ({"type": "page", "blocks": []}, "unsupported type: page"),
        ({"blocks": []}, "missing required field: type"),
    ],
)
def test_views_slack_refuses(view: Json, reason: str) -> None:
    assert reason in (check_view(view) or "accepted")


def test_flatten_reads_what_is_visible_and_no_more() -> None:
    seen = flatten(
        [
            {"type": "header", "text": plain("Your week")},
            section(fields=[mrkdwn("*Mon* 8")], accessory=button(confirm=CONFIRM)),
            text_field(initial_value="7:30", placeholder=plain("hours")),
            actions({**SELECT, "options": [option("1", "hidden"), option("2", "shown")]}),
            actions({**SELECT, "options": [option("2", "shown")], "initial_option": option("2", "shown")}),
            field(
                {
                    "type": "radio_buttons",
                    "options": [option("1", "per day")],
                    "initial_option": option("1", "per day"),
                }
            ),
            TABLE,
            RICH,
        ]
    )
    assert seen.split("\n") == [
        *("Your week", "Ana works *40 h*", "*Mon* 8", "Undo", "Monday", "7:30", "shown", "Monday", "per day"),
        *("Mon", "8", "Hi", "<@U0ANA>"),
    ]
