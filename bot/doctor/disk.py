"""Checks of files: whether others can read them, and whether the database's disk is writable and lasting."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from bot.doctor.findings import Finding, note, ok, wrong
from bot.settings import Settings

__all__ = ["check_disk", "check_privacy"]

_FLEETING = {"tmpfs", "ramfs", "overlay"}
"""File systems in memory, and the layer of a container, which is lost when the container is replaced."""


def check_privacy(*paths: Path) -> list[Finding]:
    """Check that only the owner can read these files (secrets, people's weeks); missing files are skipped."""
    modes: dict[Path, int] = {}
    for path in paths:
        with suppress(OSError):
            modes[path] = stat.S_IMODE(path.stat().st_mode)
    found = [
        note(f"others on this machine can read {path} (mode {mode:o})", fix=f"chmod 600 {path}")
        for path, mode in modes.items()
        if mode & (stat.S_IRWXG | stat.S_IRWXO)
    ]
    return found or [ok(f"only its owner can read {path}") for path in [*modes][:1]]


def check_disk(settings: Settings) -> list[Finding]:
    """Check that the database can be kept at its path, without touching it: a bot may be using it."""
    path = settings.database_path.absolute()
    try:
        # SQLite makes files of its own beside the database, so the folder must be writable, too.
        with tempfile.TemporaryFile(dir=path.parent):
            pass
        if path.exists() and not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError("the file may not be read and written")
    except OSError as error:
        fix = "set DATABASE_PATH to a file in a folder that the bot's user may write"
        return [wrong(f"the database cannot be kept at {path} ({error.strerror or error})", fix=fix)]
    found = [ok(f"the database {'is' if path.exists() else 'will be made'} at {path}")]
    kind = _file_system(path)
    if settings.hours_ephemeral or kind in _FLEETING:
        why = f"it lies on {kind}" if kind in _FLEETING else "HOURS_EPHEMERAL=yes"
        found.append(
            note(
                f"links, history and waiting changes may be lost at a restart ({why})",
                fix="put DATABASE_PATH on a disk or volume that stays",
            )
        )
    return found


def _file_system(path: Path) -> str:
    """The type of the file system that a path is on; empty if unknown, as everywhere but on Linux."""
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    real = path.resolve()
    found: list[tuple[int, str]] = []
    for line in mounts:
        _, place, kind, *_ = line.split(" ")
        if real.is_relative_to(place.replace("\\040", " ")):
            found.append((len(place), kind))
    return max(found, default=(0, ""))[1]
