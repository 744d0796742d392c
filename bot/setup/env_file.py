"""Editing ``.env``: sets single lines, and keeps all others."""

from __future__ import annotations

import io
import os
import re
import tempfile
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

__all__ = ["EnvFile"]


class EnvFile:
    """A file of settings, written atomically and readable by its owner alone."""

    def __init__(self, path: Path, *, template: Path | None = None) -> None:
        """Name the file; nothing is read yet.

        Args:
            path: the file, which need not exist; a symbolic link is followed.
            template: a file with the first content of a new one.
        """
        self._path = path.resolve()
        self._template = template

    def __str__(self) -> str:
        return self._path.name

    def values(self) -> dict[str, str]:
        """The settings in the file (or in the template, while there is no file) that are not empty."""
        found = dotenv_values(stream=io.StringIO(self._text()), interpolate=False)
        return {name: value for name, value in found.items() if value}

    def put(self, name: str, value: str) -> None:
        """Set one setting, by replacing the last line that sets it.

        If no line does, a new one is added below a comment with an example of it, else at the end.

        Raises:
            OSError: the file cannot be written.
        """
        bindings = list(parse_stream(io.StringIO(self._text())))
        parts = [binding.original.string for binding in bindings]
        line = f"{name}={_quoted(value)}\n"
        counting = max((number for number, each in enumerate(bindings) if each.key == name), default=None)
        if counting is not None:
            before = parts[counting]
            parts[counting] = (
                before[: len(before) - len(before.lstrip())] + line
            )  # a binding's text begins with the empty lines before it
        else:
            hint = re.compile(rf"\s*#\s*{name}=")
            place = next((number for number, part in enumerate(parts) if hint.match(part)), len(parts) - 1)
            if parts and not parts[place].endswith("\n"):
                parts[place] += "\n"
            parts.insert(place + 1, line)
        self._write("".join(parts))

    def close_to_others(self) -> None:
        """Make the file readable by its owner alone, even if nothing was written.

        Raises:
            OSError: the file belongs to another user.
        """
        if self._path.exists():
            self._path.chmod(0o600)

    def _text(self) -> str:
        for path in (self._path, self._template):
            if path and path.exists():
                return path.read_text(encoding="utf-8")
        return ""

    def _write(self, text: str) -> None:
        # mkstemp makes a file that only its owner can read; the rename makes the write atomic.
        descriptor, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        new = Path(name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            new.replace(self._path)
        finally:
            new.unlink(missing_ok=True)


def _quoted(value: str) -> str:
    if re.fullmatch(r"[\w.,:/@+%=-]*", value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
