"""The import contracts hold, and each one fails when it is broken: a contract can pass vacuously."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

VIOLATIONS = {
    # planted module: its import · the contract that must see it
    "an arrow up, store to handlers": ({"store/week.py": "import handlers"}, "floors"),
    "an arrow up, handlers to bot": ({"handlers/planted.py": "import bot.settings"}, "floors"),
    "an arrow up inside store": ({"store/week.py": "import store.focus"}, "store"),
    "records reach features": (
        {"store/journal/entries.py": "import store.hours"},
        "store",
    ),
    "a module of store without a place": ({"store/planted.py": ""}, "store"),
    "a cycle in handlers": (
        {"handlers/planted.py": "import handlers.other", "handlers/other.py": "import handlers.planted"},
        "cycles",
    ),
    "a cycle in a package of store": (
        {
            "store/plans/planted.py": "import store.plans.other",
            "store/plans/other.py": "import store.plans.planted",
        },
        "cycles",
    ),
    "a cycle in bot": (
        {"bot/planted.py": "import bot.other", "bot/other.py": "import bot.planted"},
        "cycles",
    ),
    "bot re-exports": ({"bot/__init__.py": "from bot.settings import Settings"}, "bot-face"),
    "a handler reads the route table": ({"handlers/views/planted.py": "import handlers"}, "handlers-face"),
    "a handler writes to the journal": (
        {"handlers/planted.py": "from store.journal import entries"},
        "store-inside",
    ),
    "a view calls Focus's client": (
        {"handlers/views/planted.py": "import store.focus.client"},
        "store-inside",
    ),
    "a handler reads what is cached": ({"handlers/planted.py": "import store.lastknown"}, "store-inside"),
    "a part of store uses the face": ({"store/focus/planted.py": "import store"}, "store-face"),
    "the sandbox reads settings": ({"bot/sandbox/planted.py": "import bot.settings"}, "sandbox"),
    "the sandbox reads a new module": (
        {"bot/sandbox/slack/planted.py": "import bot.planted", "bot/planted.py": ""},
        "sandbox",
    ),
    "the sandbox reads store": ({"bot/sandbox/focus/planted.py": "import store.week"}, "sandbox"),
    "store speaks to Slack": ({"store/focus/planted.py": "import slack_bolt"}, "slack"),
    "a handler writes SQL": ({"handlers/planted.py": "import sqlite_utils"}, "storage"),
    "a handler calls Focus": ({"handlers/views/planted.py": "import httpx"}, "storage"),
    "the clock calls Focus": ({"bot/planted.py": "import httpx"}, "storage"),
}


def lint(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(  # noqa: S603 - our own program, our own arguments
        [program, "--no-cache", "--no-logo", *arguments],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The three packages, copied to where they may be spoilt."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in ("bot", "handlers", "store"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_contracts_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("name", VIOLATIONS)
def test_a_planted_violation_is_seen(tree: Path, name: str) -> None:
    planted, contract = VIOLATIONS[name]
    for path, line in planted.items():
        with (tree / path).open("a") as file:
            file.write(f"\n{line}\n")
    result = lint(tree, "--contract", contract)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout


def test_each_contract_is_tried() -> None:
    """A contract that nobody has seen fail is none."""
    declared = {
        line.split('"')[1]
        for line in (ROOT / "pyproject.toml").read_text().splitlines()
        if line.startswith("id = ")
    }
    assert declared == {contract for _, contract in VIOLATIONS.values()}


IGNORE = re.compile(r"# (?:noqa(?:: [A-Z]+\d+(?:, [A-Z]+\d+)*)?|type: ignore(?:\[[\w, -]+\])?)(?P<reason>.*)")


def test_every_ignored_finding_has_its_reason_beside_it() -> None:
    bare = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for floor in ("bot", "handlers", "store", "tests")
        for path in (ROOT / floor).rglob("*.py")
        for match in IGNORE.finditer(path.read_text(encoding="utf-8"))
        if not match["reason"].strip()
    ]
    assert bare == []
