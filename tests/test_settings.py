"""Settings: what is wrong is said all at once, what to do beside it, and never a value."""

import logging
import re
import traceback
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot import cli
from bot.settings import SETTINGS, Settings, SettingsError, command_name

ROOT = Path(__file__).parent.parent
ENOUGH = {
    "SLACK_BOT_TOKEN": "xoxb-1-secret",
    "SLACK_APP_TOKEN": "xapp-1-secret",
    "FOCUS_API_KEY": "toggl_sk_secret",
    "FOCUS_ORGANIZATION_ID": "1001",
    "FOCUS_WORKSPACE_ID": "2002",
    "HOURS_ADMINS": "U0OLIVIA",
}


def load(**changed: str) -> Settings:
    return Settings.load(ENOUGH | changed, env_file=None)


def problems(environment: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        Settings.load(environment, env_file=None)
    return raised.value.problems


def problem(**changed: str) -> str:
    (line,) = problems(ENOUGH | changed)
    return line


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in ENOUGH.items() if name not in names}


def test_the_least_that_is_enough() -> None:
    settings = load()
    assert settings.socket_mode
    assert settings.hours_admins == ("U0OLIVIA",)
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.focus_weekdays is None, "unproven, so nothing is written"
    assert settings.hours_timezone == ZoneInfo("UTC")


def test_every_problem_at_once() -> None:
    found = problems({})
    assert [line.split()[0] for line in found] == [
        "SLACK_BOT_TOKEN",
        "FOCUS_ORGANIZATION_ID",
        "FOCUS_WORKSPACE_ID",
        "HOURS_ADMINS",
        "SLACK_APP_TOKEN",
        "FOCUS_API_KEY",
    ]
    assert all("missing" in line and "\n" not in line for line in found)


@pytest.mark.parametrize(
    ("missing", "advice"),
    [
        ("HOURS_ADMINS", "Copy member ID"),
        ("FOCUS_ORGANIZATION_ID", "focus.toggl.com/<organization>/workspaces/<workspace>/"),
        ("FOCUS_WORKSPACE_ID", "focus.toggl.com/<organization>/workspaces/<workspace>/"),
        ("SLACK_BOT_TOKEN", "OAuth & Permissions"),
        ("SLACK_APP_TOKEN", "connections:write"),
        ("FOCUS_API_KEY", "Organization Admin"),
    ],
)
def test_what_is_missing_says_where_to_find_it(missing: str, advice: str) -> None:
    (line,) = problems(without(missing))
    assert line.startswith(f"{missing} is missing")
    assert advice in line


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SLACK_BOT_TOKEN", "xapp-1", "belongs in SLACK_APP_TOKEN"),
        ("SLACK_BOT_TOKEN", "xoxp-1", "user token"),
        ("SLACK_BOT_TOKEN", "xoxe.xoxb-1", "turn token rotation off"),
        ("SLACK_BOT_TOKEN", "hello", "must begin with xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-1", "belongs in SLACK_BOT_TOKEN"),
        ("SLACK_SIGNING_SECRET", "xoxb-1", "belongs in SLACK_BOT_TOKEN"),
        ("FOCUS_API_KEY", "xapp-1", "belongs in SLACK_APP_TOKEN"),
        ("SLACK_API_URL", "slack.com", "https://"),
        ("FOCUS_API_KEY_EXPIRES", "soon", "2027-03-31"),
        ("FOCUS_ORGANIZATION_ID", "acme", "whole number"),
        ("FOCUS_WORKSPACE_ID", "0", "greater than 0"),
        ("FOCUS_WEEKDAYS", "sunday", "'sunday0', 'monday0' or 'iso'"),
        ("FOCUS_QUOTA_RESERVE", "a fifth", "20 %"),
        ("FOCUS_QUOTA_RESERVE", "100", "less than or equal to 90"),
        ("HOURS_ADMINS", "U0ANA, olivia", "2nd entry is a name"),
        ("HOURS_ADMINS", "C0STUDIO", "1st entry is no member id"),
        ("HOURS_ADMINS", ",", "at least one person"),
        ("HOURS_COMMAND", "hours", "begin with a slash"),
        ("HOURS_COMMAND", "/Hours", "small letters"),
        ("HOURS_COMMAND", "/my hours", "small letters"),
        ("HOURS_COMMAND", "/" + "h" * 32, "32 characters"),
        ("HOURS_COMMAND", "/remind", "Slack's own"),
        ("HOURS_VIEW", "all", "'members' or 'managers'"),
        ("HOURS_SELF_EDIT", "maybe", "yes or no"),
        ("HOURS_GUESTS", "all", "'own' or 'nothing'"),
        ("HOURS_AUDIT_CHANNEL", "#audit", "not its name"),
        ("HOURS_TIMEZONE", "Stockholm", "Europe/Stockholm"),
        ("HOURS_TIMEZONE", "../etc/passwd", "no time zone"),
        ("HOURS_EMAIL_ALIASES", "a.com", "1st entry"),
        ("HOURS_EMAIL_ALIASES", "a.com=b.com, ana@a.com=b.com", "2nd entry"),
        ("HOURS_EMAIL_ALIASES", "a.com=b.com, a.com=c.com", "twice"),
        ("PORT", "99999", "less than 65536"),
        ("SLACK_CLIENT_ID", "1.2", "OAuth"),
        ("SLACK_CLIENT_SECRET", "abc", "OAuth"),
        ("DYNO", "worker.1", "HOURS_EPHEMERAL=yes"),
    ],
)
def test_what_is_wrong_says_what_is_meant(name: str, value: str, said: str) -> None:
    line = problem(**{name: value})
    assert said in line
    assert line.startswith("DATABASE_PATH" if name == "DYNO" else f"{name} ")


def test_http_needs_a_port_and_nothing_else() -> None:
    over_http = without("SLACK_APP_TOKEN") | {"SLACK_SIGNING_SECRET": "0123456789abcdef"}
    (line,) = problems(over_http)
    assert line.startswith("PORT is missing")
    assert not Settings.load(over_http | {"PORT": "3000"}, env_file=None).socket_mode


def test_email_and_password_instead_of_a_key() -> None:
    basic = without("FOCUS_API_KEY") | {"FOCUS_EMAIL": "bot@example.com"}
    assert "FOCUS_PASSWORD" in problems(basic)[0]
    settings = Settings.load(basic | {"FOCUS_PASSWORD": "hunter2"}, env_file=None)
    assert settings.focus_password is not None
    assert settings.focus_password.get_secret_value() == "hunter2"


def test_values_as_people_write_them() -> None:
    settings = load(
        HOURS_ADMINS=" U0ANA , W0BEN;U0ANA ",
        FOCUS_QUOTA_RESERVE="25 %",
        FOCUS_API_KEY_EXPIRES="2027-03-31",
        HOURS_SELF_EDIT="no",
        HOURS_TIMEZONE="Europe/Stockholm",
        SLACK_API_URL="http://127.0.0.1:8080/api",
        FOCUS_API_URL="http://127.0.0.1:8080/focus/api/",
        HOURS_EMAIL_ALIASES="Ana@a.com = al@b.com, a.com=b.com",
        HOURS_COMMAND="/work-week",
        HOURS_VIEW="",
    )
    assert settings.hours_admins == ("U0ANA", "W0BEN")
    assert settings.focus_quota_reserve == 25
    assert settings.focus_api_key_expires == date(2027, 3, 31)
    assert settings.hours_self_edit is False
    assert settings.hours_timezone.key == "Europe/Stockholm"
    assert settings.slack_api_url == "http://127.0.0.1:8080/api/"
    assert settings.focus_api_url == "http://127.0.0.1:8080/focus/api"
    assert settings.hours_email_aliases == {"ana@a.com": "al@b.com", "a.com": "b.com"}
    assert settings.hours_command == "/work-week"
    assert settings.hours_view == "members", "an empty setting is an unset one"


def test_an_ephemeral_disk_can_be_accepted() -> None:
    assert load(DYNO="worker.1", HOURS_EPHEMERAL="yes").hours_ephemeral


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("HOURS_COMMAND=/week\nHOURS_VIEW=managers\n")
    settings = Settings.load(ENOUGH | {"HOURS_COMMAND": "/days", "HOURS_VIEW": ""}, env_file=file)
    assert (settings.hours_command, settings.hours_view) == ("/days", "managers")
    assert command_name({}, file) == "/week"


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        load().hours_command = "/days"  # type: ignore[misc]  # the point of the test


def test_a_near_miss_is_named(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        load(HOURS_ADMIN="U0ANA", HOURS_XYZ="1", PATH="/bin")
    assert caplog.messages == [
        "HOURS_ADMIN is not a setting. Did you mean HOURS_ADMINS?",
        "HOURS_XYZ is not a setting. It is ignored.",
    ]
    found = problems(without("FOCUS_ORGANIZATION_ID") | {"FOCUS_ORGANISATION_ID": "1"})
    assert found[-1] == "FOCUS_ORGANISATION_ID is not a setting. Did you mean FOCUS_ORGANIZATION_ID?"


def test_secrets_are_shown_nowhere() -> None:
    settings = load(FOCUS_PASSWORD="hunter2")
    shown = repr(settings) + settings.model_dump_json()
    assert not any(secret in shown for secret in ("xoxb", "xapp", "toggl_sk", "hunter2"))


@given(
    name=st.sampled_from([setting.name for setting in SETTINGS]),
    value=st.sampled_from(["xoxb-", "xapp-", "toggl_sk_", ""]).map(lambda prefix: prefix + "q7Hs83kQz"),
)
def test_no_problem_repeats_a_value(name: str, value: str) -> None:
    """Whatever was pasted into the wrong place may be a secret."""
    said = ""
    try:
        Settings.load(ENOUGH | {name: value}, env_file=None)
    except SettingsError as error:
        said = "".join(traceback.format_exception(error))
    assert "q7Hs83kQz" not in said


def test_the_command_line_says_them_and_ends_with_2(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.setenv("HOURS_COMMAND", "hours")
    assert cli.main(["doctor"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "HOURS_ADMINS is missing" in printed.err
    assert "HOURS_COMMAND must begin with a slash" in printed.err


def test_an_unknown_command_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        cli.main(["walk"])
    assert raised.value.code == 2
    assert "'run', 'demo', 'setup', 'doctor'" in capsys.readouterr().err


def test_no_command_at_all_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    assert "check settings, scopes, the Focus key" in capsys.readouterr().err


def test_the_example_file_lists_every_setting() -> None:
    """Each with its meaning above it, in the table's order, and the default where there is one."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    names = [line.removeprefix("# ").split("=")[0] for line in lines]
    at = [names.index(setting.name) for setting in SETTINGS]
    assert at == sorted(at)
    for line, setting in zip(at, SETTINGS, strict=True):
        assert lines[line - 1] == f"# {setting.meaning}"
        assert lines[line].removeprefix("# ") == f"{setting.name}={setting.default}"


def test_the_example_file_loads_once_it_is_filled_in(tmp_path: Path) -> None:
    """What it leaves to fill in is what is needed, and what it shows as defaults are the defaults."""
    to_fill_in = {name for name, value in dotenv_values(ROOT / ".env.example").items() if not value}
    assert to_fill_in == ENOUGH.keys()
    shown = [line.removeprefix("# ") for line in (ROOT / ".env.example").read_text().splitlines()]
    everything = tmp_path / ".env"
    everything.write_text("\n".join(line for line in shown if line.split("=")[0].isupper()))
    assert Settings.load(ENOUGH, env_file=everything) == Settings.load(ENOUGH, env_file=None)


def test_the_readme_lists_every_setting() -> None:
    """The settings table says what the code says, in its order."""
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| (.+?) \| (.*?) ?\|$", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    expected = [
        (one.name, one.meaning, "required" if one.required else f"`{one.default}`" if one.default else "")
        for one in SETTINGS
    ]
    assert rows == expected
