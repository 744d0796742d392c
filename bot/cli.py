"""The command line: ``python -m bot run | demo | doctor | manifest``.

Each command imports what it runs only when it runs, so that ``manifest`` and ``--help`` answer
at once and wrong settings are said before anything else happens.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence

from bot import formats
from bot.manifest import manifest
from bot.settings import Settings, SettingsError, command_name

__all__ = ["main"]

WRONG_USE = 2
"""Exit status for wrong arguments (argparse's own) and wrong settings."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    chosen = _parser().parse_args(arguments)
    try:
        status: int = chosen.does(chosen)
    except SettingsError as error:
        print("The settings need attention:", *error.problems, sep="\n  ", file=sys.stderr)
        return WRONG_USE
    except KeyboardInterrupt:
        return 0  # Ctrl-C is how these commands are ended
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        description="Weekly working hours, kept in Toggl Focus, seen and changed from Slack.",
        epilog="Settings are read from the environment and from .env; .env.example lists them.",
    )
    commands = parser.add_subparsers(title="commands", metavar="command", required=True)

    run = commands.add_parser("run", help="run the bot", description="Run the bot until it is stopped.")
    run.set_defaults(does=_run)

    demo = commands.add_parser(
        "demo",
        help="try everything on this machine, without accounts",
        description="Run the bot against a Slack and a Focus played on this machine, with a page to use it.",
    )
    demo.add_argument("--port", type=int, default=8080, help="port of the page (default: %(default)s)")
    demo.set_defaults(does=_demo)

    doctor = commands.add_parser(
        "doctor",
        help="check settings, scopes, the Focus key and weekday numbers",
        description="Check one thing a line: ok, or what is wrong and how to mend it.",
    )
    doctor.set_defaults(does=_doctor)

    app = commands.add_parser(
        "manifest",
        help="print the Slack app manifest",
        description="Print the manifest to paste at api.slack.com/apps, Create New App, From a manifest.",
    )
    app.add_argument("--command", help="the slash command (default: HOURS_COMMAND, else /hours)")
    app.add_argument(
        "--url", type=_url, help="the bot's public https:// address: deliver over HTTP, not Socket Mode"
    )
    app.set_defaults(does=_manifest)
    return parser


def _url(text: str) -> str:
    try:
        return formats.url(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _run(_chosen: argparse.Namespace) -> int:
    settings = Settings.load()
    from bot.app import StartError, run

    try:
        asyncio.run(run(settings))
    except StartError as error:
        print(f"The bot cannot start: {error}", file=sys.stderr)
        return 1
    return 0


def _demo(chosen: argparse.Namespace) -> int:
    from bot.demo import demo

    asyncio.run(demo(chosen.port))
    return 0


def _doctor(_chosen: argparse.Namespace) -> int:
    settings = Settings.load()
    from bot.doctor import doctor

    return asyncio.run(doctor(settings))


def _manifest(chosen: argparse.Namespace) -> int:
    given = {"HOURS_COMMAND": chosen.command} if chosen.command else None
    wanted = manifest(command_name(given), socket_mode=not chosen.url, url=chosen.url)
    print(json.dumps(wanted, indent=2, ensure_ascii=False))
    return 0
