"""CSV as spreadsheets read and write it: UTF-8, commas or semicolons, and nothing that could be a formula."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FileProblemsError", "Line", "read", "write"]

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""Characters that make a spreadsheet evaluate a cell that begins with one.

Source: https://owasp.org/www-community/attacks/CSV_Injection
"""


class FileProblemsError(Exception):
    """A file that cannot be used; one line for each reason, with the line's number where there is one."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a file, by column; ``number`` as an editor shows it."""

    number: int
    cells: Mapping[str, str]


def write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file, atomically and readable by its owner alone.

    Raises:
        FileProblemsError: it cannot be written there.
    """
    try:
        # utf-8-sig, because Excel recognizes UTF-8 only by the byte order mark.
        with tempfile.NamedTemporaryFile(
            "w", dir=path.absolute().parent, encoding="utf-8-sig", newline="", delete=False
        ) as file:
            try:
                table = csv.writer(file)
                table.writerow(columns)
                table.writerows([_harmless(cell) for cell in row] for row in rows)
                file.close()
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise FileProblemsError([f"{path} cannot be written: {error.strerror}."]) from error


def read(path: Path, *, required: Sequence[str]) -> list[Line]:
    """Read the lines below the heading; empty ones are left out, further columns are allowed.

    Raises:
        FileProblemsError: it cannot be read, is not UTF-8, or lacks a column.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise FileProblemsError([f"{path} cannot be read: {error.strerror}."]) from error
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        raise FileProblemsError(
            [f"line {number}: this is not UTF-8. Save the file as “CSV UTF-8” and try again."]
        ) from error
    heading = text.partition("\n")[0]
    separator = ";" if heading.count(";") > heading.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        columns = [name.strip().casefold() for name in next(rows, [])]
        if missing := [name for name in required if name not in columns]:
            raise FileProblemsError(
                [f"line 1: the column {' and the column '.join(missing)} is missing from the heading."]
            )
        lines = []
        for row in rows:
            cells = [_bare(cell) for cell in row]
            if any(cells):
                lines.append(Line(rows.line_num, dict(zip(columns, cells, strict=False))))
    except csv.Error as error:
        raise FileProblemsError([f"line {rows.line_num}: this is not CSV ({error})."]) from error
    return lines


def _harmless(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _bare(cell: str) -> str:
    """A cell without blanks, and without the quote that :func:`_harmless` or a spreadsheet added."""
    text = cell.strip()
    return text[1:].strip() if text.startswith("'") else text
