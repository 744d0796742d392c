"""The command line: ``python -m bot run | demo | doctor | …``; ``--help`` lists them.

Each command imports its code only when it is chosen, so that ``manifest`` and ``--help`` answer
at once and wrong settings are reported before anything else happens.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from bot import formats
from bot.manifest import manifest
from bot.settings import Settings, SettingsError, command_name
from bot.slack_cli import HOOKS, environment_of_slack_run, hooks, hooks_manifest

__all__ = ["main"]

WRONG_USE = 2
"""Exit status for wrong arguments (argparse's own), and for settings that are wrong or fail at start."""

HIGHEST_PORT = 65_535


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if "does" not in chosen:
        parser.print_help(sys.stderr)
        return WRONG_USE
    try:
        status: int = chosen.does(chosen)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has read enough, as ``head`` does; Python must not complain again when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except SettingsError as error:
        print("The settings need attention:", *error.problems, sep="\n  ", file=sys.stderr)
        return WRONG_USE
    except KeyboardInterrupt:
        return 0  # Ctrl-C is the normal way to end these commands
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        description="Weekly working hours, kept in Toggl Focus, seen and changed from Slack.",
        epilog="Settings are read from the environment and from .env; .env.example lists them.",
    )
    commands = parser.add_subparsers(title="commands", metavar="command")

    run = commands.add_parser("run", help="run the bot", description="Run the bot until it is stopped.")
    run.set_defaults(does=_run)

    demo = commands.add_parser(
        "demo",
        help="try everything on this machine, without accounts",
        description="Run the bot against a Slack and a Focus played on this machine, with a page to use it.",
    )
    demo.add_argument("--port", type=_port, default=8080, help="port of the page (default: %(default)s)")
    demo.set_defaults(does=_demo)

    setup = commands.add_parser(
        "setup",
        help="ask for everything that .env needs, and check it",
        description="Ask for the tokens and ids, check each at once, and write them to .env.",
    )
    setup.set_defaults(does=_set_up)

    doctor = commands.add_parser(
        "doctor",
        help="check settings, scopes, the Focus key and weekday numbers",
        description="Check one thing a line: ok, or what is wrong and how to mend it.",
    )
    doctor.add_argument(
        "--try-repeats",
        action="store_true",
        help="send the first admin a message twice, and take it away: does Slack recognize the repeat?",
    )
    doctor.add_argument(
        "--write-check",
        metavar="PERSON",
        default="",
        help="change a day of this person (e-mail or user_account_id) in Focus by a quarter of an hour, and"
        " back: does a write move other days, or past weeks?",
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

    hook = commands.add_parser("hook", help="what `slack run` calls")
    hook.add_argument("hook", choices=HOOKS)
    hook.add_argument("--protocol", help="how the answer is told from other output")
    hook.add_argument("--boundary", default="", help="what stands before and after the answer")
    hook.set_defaults(does=_hook)

    links = commands.add_parser("links", help="write all links to a CSV file, or read them from one")
    ways = links.add_subparsers(metavar="export|import", required=True)
    out = ways.add_parser(
        "export",
        description="Write every link between Slack and Toggl Focus to a file. It needs only the database.",
    )
    out.set_defaults(does=_export_links)
    back = ways.add_parser(
        "import",
        description="Say what the file's links would change, and every line that is wrong. Nothing is written"
        " without --apply, and nothing at all if one line is wrong. Whoever is not in the file stays as is."
        " Needs SLACK_BOT_TOKEN, to ask Slack who is in the workspace.",
    )
    back.add_argument("--apply", action="store_true", help="write it")
    back.set_defaults(does=_import_links)

    export = commands.add_parser("export", help="write everybody's week to a CSV file")
    tables = export.add_subparsers(metavar="weeks", required=True)
    weeks = tables.add_parser(
        "weeks", description="Write the weeks as last read from Toggl Focus, with their last changes."
    )
    weeks.set_defaults(does=_export_weeks)
    for each in (out, back, weeks):
        each.add_argument("file", type=Path, metavar="FILE.csv")

    backup = commands.add_parser(
        "backup",
        help="copy the database, while the bot runs",
        description="Copy the database to a new file, complete and checked, while the bot runs. An existing"
        " file is never replaced.",
    )
    backup.set_defaults(does=_backup)
    restore = commands.add_parser(
        "restore",
        help="put a backup in the database's place, while the bot is stopped",
        description="Put a backup in the place of the database. What is there is kept under another name.",
    )
    restore.set_defaults(does=_restore)
    for each in (backup, restore):
        each.add_argument("file", type=Path, metavar="FILE")
    return parser


def _url(text: str) -> str:
    try:
        return formats.url(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _port(text: str) -> int:
    """A port to listen on; 0 is any that is free."""
    if not (text.isascii() and text.isdecimal() and int(text) <= HIGHEST_PORT):
        raise argparse.ArgumentTypeError(f"must be a number from 0 to {HIGHEST_PORT}; 0 takes a free port")
    return int(text)


def _run(_chosen: argparse.Namespace) -> int:
    return _started(Settings.load())


def _started(settings: Settings) -> int:
    from bot.app import StartError, run

    try:
        asyncio.run(run(settings))
    except StartError as error:
        print(f"The bot cannot start: {error}", file=sys.stderr)
        return WRONG_USE
    return 0


def _demo(chosen: argparse.Namespace) -> int:
    from bot.demo import demo

    asyncio.run(demo(chosen.port))
    return 0


def _set_up(_chosen: argparse.Namespace) -> int:
    from bot.setup import Terminal, set_up

    try:
        return asyncio.run(set_up(Terminal(), Path(".env")))
    except EOFError:
        print("\nSetup asks questions: run it in a terminal.", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\n.env cannot be written: {error}", file=sys.stderr)
        return 1


def _hook(chosen: argparse.Namespace) -> int:
    if chosen.hook == "start":
        return _started(Settings.load(environment_of_slack_run()))
    answer = hooks() if chosen.hook == "get-hooks" else hooks_manifest(command_name())
    print(f"{chosen.boundary}{answer}{chosen.boundary}")
    return 0


def _doctor(chosen: argparse.Namespace) -> int:
    settings = Settings.load()
    from bot.doctor import doctor

    return asyncio.run(doctor(settings, try_repeats=chosen.try_repeats, write_check=chosen.write_check))


def _manifest(chosen: argparse.Namespace) -> int:
    given = {"HOURS_COMMAND": chosen.command} if chosen.command else None
    wanted = manifest(command_name(given), socket_mode=not chosen.url, url=chosen.url)
    print(json.dumps(wanted, indent=2, ensure_ascii=False))
    return 0


def _export_links(chosen: argparse.Namespace) -> int:
    from bot.files.links import export_links
    from bot.files.settings import FileSettings

    return _on_file(export_links(FileSettings.load(), chosen.file))


def _import_links(chosen: argparse.Namespace) -> int:
    from bot.files.links import import_links
    from bot.files.settings import SlackFileSettings

    return _on_file(import_links(SlackFileSettings.load(), chosen.file, apply=chosen.apply))


def _export_weeks(chosen: argparse.Namespace) -> int:
    from bot.files.settings import FileSettings
    from bot.files.weeks import export_weeks

    return _on_file(export_weeks(FileSettings.load(), chosen.file))


def _backup(chosen: argparse.Namespace) -> int:
    from bot.files.copies import back_up_to
    from bot.files.settings import FileSettings

    return _on_copy(lambda: back_up_to(chosen.file, FileSettings.load().database_path))


def _restore(chosen: argparse.Namespace) -> int:
    from bot.files.copies import restore_from
    from bot.files.settings import FileSettings

    return _on_copy(lambda: restore_from(chosen.file, FileSettings.load().database_path))


def _on_copy(work: Callable[[], str]) -> int:
    """Run a backup or restore and print its result, or the reason why it failed; return the exit status."""
    from store.backups import BackupError

    try:
        print(work())
    except BackupError as error:
        print(error, "Nothing was changed.", file=sys.stderr)
        return 1
    return 0


def _on_file(work: Coroutine[Any, Any, str]) -> int:
    """Run an export or import and print its result, or one line per problem; return the exit status."""
    from bot.files.cells import FileProblemsError

    try:
        print(asyncio.run(work))
    except FileProblemsError as error:
        print(*error.problems, "Nothing was written.", sep="\n", file=sys.stderr)
        return 1
    return 0
