"""What a test that was ended by its timeout was waiting for: an event loop's own stack does not tell."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterator
from typing import Any

import pytest

__all__ = ["pytest_runtest_makereport"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add every task that had not ended, and where."""
    report = yield
    if report.failed and "Timeout (>" in report.longreprtext:
        waiting = [task for task in _all_tasks() if not task.done()]
        report.sections.append(("Tasks that waited", "\n".join(map(_told, waiting))))
    return report


def _all_tasks() -> list[asyncio.Task[Any]]:
    """Of whichever loop: the test's own is not running any more."""
    return list(asyncio.tasks._all_tasks)  # type: ignore[attr-defined]  # asyncio.all_tasks asks for a loop


def _told(task: asyncio.Task[Any]) -> str:
    return "\n  ".join([task.get_name(), *_places(task.get_coro())])


def _places(awaited: Any) -> Iterator[str]:
    """From the task's own coroutine to the innermost that it waits for."""
    while awaited is not None:
        frame = _first(awaited, "cr_frame", "gi_frame", "ag_frame")
        if frame is None:
            yield repr(awaited)
            return
        yield f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_qualname}"
        awaited = _first(awaited, "cr_await", "gi_yieldfrom", "ag_await")


def _first(awaited: Any, *names: str) -> Any:
    return next((found for name in names if (found := getattr(awaited, name, None))), None)
