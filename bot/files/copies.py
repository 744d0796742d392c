"""Backup and restore of the database, with the text that the command line prints."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from handlers.views.words import counted
from store.backups import Copied, back_up, restore

__all__ = ["back_up_to", "restore_from"]


def back_up_to(file: Path, database: Path) -> str:
    """Copy the database to a file, and return what was done as text.

    Raises:
        BackupError: it was not copied.
    """
    copied = back_up(database, file)
    return f"{database} is copied to {file}, {_size(copied)}."


def restore_from(file: Path, database: Path) -> str:
    """Put a backup in the database's place; return as text what was done and what the next start will do.

    Raises:
        BackupError: it was not put there.
    """
    copied = restore(file, database, now=datetime.now(UTC))
    lines = [f"{database} is as it was in {file}, {_size(copied)}."]
    if copied.kept:
        lines.append(f"What was there is kept as {copied.kept}.")
    if copied.waiting:
        changes = counted(copied.waiting, "change")
        lines.append(f"{changes} had not been finished when it was made: the next start takes them up.")
    return "\n".join(lines)


def _size(copied: Copied) -> str:
    return f"{copied.bytes / 1e6:.1f} MB"
