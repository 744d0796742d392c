"""``python -m bot setup``: asks for what ``.env`` needs, checks each answer at once, and runs the doctor."""

from __future__ import annotations

import getpass
import os
import sys
import webbrowser
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Protocol

from bot import formats
from bot.clients import SlackClient, slack_session
from bot.clock import SystemClock
from bot.doctor import doctor
from bot.manifest import create_link, manifest
from bot.settings import SETTINGS, Settings
from bot.setup.answers import Checked, Checks, WrongAnswerError
from bot.setup.env_file import EnvFile
from store.clock import Clock

__all__ = ["Console", "Terminal", "set_up"]

Check = Callable[[str], Awaitable[Checked]]

DEFAULTS = {setting.name: setting.default for setting in SETTINGS}


class Console(Protocol):
    """Where setup prints text and asks its questions."""

    @property
    def has_browser(self) -> bool:
        """Whether :meth:`open_page` can be tried: not over ssh, for one."""

    def open_page(self, url: str) -> bool:
        """Show a page in their browser; whether it was opened."""

    def say(self, text: str) -> None:
        """Show a text."""

    def ask(self, prompt: str, *, hidden: bool) -> str:
        """Ask a question and return the line typed; a hidden line is not shown.

        Raises:
            EOFError: there is no input.
        """


class Terminal:
    """The terminal in which setup was started."""

    @property
    def has_browser(self) -> bool:
        """Where there is a screen; a browser in the terminal itself would be in the way."""
        screen = sys.platform in {"darwin", "win32"} or bool(
            {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()
        )
        return screen and "SSH_CONNECTION" not in os.environ

    def open_page(self, url: str) -> bool:
        """In the default browser."""
        return webbrowser.open(url)

    def say(self, text: str) -> None:
        """Print a text."""
        print(text, flush=True)

    def ask(self, prompt: str, *, hidden: bool) -> str:
        """Read a line that is typed or pasted."""
        return getpass.getpass(prompt) if hidden else input(prompt)


async def set_up(
    console: Console,
    path: Path,
    *,
    environment: Mapping[str, str] | None = None,
    clock: Clock | None = None,
) -> int:
    """Ask all questions, write the answers, and run the doctor; return the doctor's exit status.

    Each answer is written as soon as it is checked, so that a second run continues where this one stopped.

    Raises:
        EOFError: there is no input.
        OSError: the file cannot be written.
    """
    environment, clock = os.environ if environment is None else environment, clock or SystemClock()
    talk = _Talk(console, EnvFile(path, template=path.with_name(".env.example")), environment)
    async with slack_session() as session:
        slack = SlackClient(base_url=formats.slack_url(talk.value("SLACK_API_URL")), session=session)
        checks = Checks(slack, focus_url=talk.value("FOCUS_API_URL"), clock=clock, given=talk.given)
        await _ask_everything(talk, checks)
    talk.file.close_to_others()
    console.say(f"\nEverything is in {talk.file}, which only you can read. The doctor looks at it:\n")
    status = await doctor(Settings.load(environment, path), env_file=path, clock=clock)
    if status == 0:
        console.say("Start the bot with: python -m bot run")
    return status


async def _ask_everything(talk: _Talk, checks: Checks) -> None:
    talk.say(
        f"Everything you answer is checked at once, and written to {talk.file}. Enter keeps what stands in"
        " brackets; Ctrl-C stops, and another run goes on from there.\n"
    )
    await talk.ask("HOURS_COMMAND", "Which command shall people type?", checks.command)
    _show_link(talk, create_link(manifest(talk.value("HOURS_COMMAND"), socket_mode=True)))
    await talk.ask(
        "SLACK_BOT_TOKEN", "Bot User OAuth Token, xoxb-… (Install App):", checks.bot_token, hidden=True
    )
    await talk.ask(
        "SLACK_APP_TOKEN",
        "App-level token, xapp-…, with connections:write (Basic Information):",
        checks.app_token,
        hidden=True,
    )
    await talk.ask(
        "HOURS_ADMINS",
        "Who may do everything? Your e-mail address in Slack, or member IDs, with commas:",
        checks.admins,
    )
    talk.say("\n2. Toggl Focus. The key must be an Organization Admin's, best of a user of the bot's own.")
    await talk.ask("FOCUS_API_KEY", "API key, toggl_sk_…:", checks.focus_key, hidden=True)
    await talk.ask("FOCUS_API_KEY_EXPIRES", "The day it ends, like 2027-03-31:", checks.expiry, optional=True)
    await talk.ask(
        "FOCUS_ORGANIZATION_ID", "Any address of a page in Focus, from your browser:", checks.address
    )


def _show_link(talk: _Talk, link: str) -> None:
    """The page that creates the app, in the browser where there is one: its address is very long."""
    what = "choose your workspace, press Create, then Install App"
    if talk.has_browser and not talk.given.get("SLACK_BOT_TOKEN"):
        talk.say(f"\n1. Slack. Your browser can open the page that creates the app: {what}.")
        if talk.line("Press Enter to open it, or type n if there is an app already: "):
            return
        if talk.open_page(link):
            talk.say("  opened\n")
            return
    talk.say(
        f"\n1. Slack. Without an app yet: open this link, {what}.\n\n{link}\n\n"
        "If it is too long to copy: api.slack.com/apps, Create New App, From a manifest, and paste there what"
        " `python -m bot manifest` prints.\n"
    )


class _Talk:
    """The conversation: asks one question at a time, and knows the settings so far."""

    def __init__(self, console: Console, file: EnvFile, environment: Mapping[str, str]) -> None:
        self.file = file
        self.say = console.say
        self.has_browser = console.has_browser
        self.open_page = console.open_page
        self._ask = console.ask
        self._environment = environment
        self.given = file.values() | {name: text for name, text in environment.items() if text}

    def value(self, name: str) -> str:
        """A setting's current value, or its default."""
        return self.given.get(name) or DEFAULTS[name]

    def line(self, prompt: str) -> str:
        """An answer that is no setting."""
        return self._ask(prompt, hidden=False).strip()

    async def ask(
        self, name: str, question: str, check: Check, *, hidden: bool = False, optional: bool = False
    ) -> None:
        """Ask until an answer passes its check; an empty line keeps the current value."""
        if self._environment.get(name):
            self.say(f"{name} is set in the environment, which wins over {self.file}: left as it is.")
            return
        kept = self._kept(name)
        shown = "the one there is" if hidden and kept else kept or ("none" if optional else "")
        while True:
            typed = self._ask(f"{question}{f' [{shown}]' if shown else ''} ", hidden=hidden).strip()
            answer = typed or kept
            if not answer and optional:
                return
            if not answer:
                self.say("  This one is needed.")
                continue
            try:
                checked = await check(answer)
            except WrongAnswerError as error:
                self.say(f"  {error}")
                continue
            for each, text in checked.values.items():
                if self.given.get(each, DEFAULTS[each]) != text:
                    self.file.put(each, text)
                self.given[each] = text
            self.say(f"  ok: {checked.seen}")
            return

    def _kept(self, name: str) -> str:
        """The answer that would give the current settings."""
        if name == "FOCUS_ORGANIZATION_ID" and self.given.get(name):
            return f"{self.given[name]}/workspaces/{self.given.get('FOCUS_WORKSPACE_ID', '')}"
        return self.value(name)
