"""The two commands, the pinned files and the check that runs elsewhere agree with each other."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PINNED = ("requirements.txt", "requirements-dev.txt")


def make(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Make, as if typed: these tests may themselves run inside ``make test``."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(  # noqa: S603 - our own Makefile
        ["make", *arguments],  # noqa: S607 - wherever it is installed
        cwd=cwd,
        env=environment | {"MFLAGS": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def pins(file: str) -> dict[str, str]:
    """Package -> version."""
    found = re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / file).read_text(), re.MULTILINE)
    return dict(found)


@pytest.fixture
def new_machine(tmp_path: Path) -> Path:
    """A clone without a virtual environment, beside a ``python`` to be written by the test."""
    for file in ("Makefile", *PINNED):
        shutil.copy(ROOT / file, tmp_path)
    return tmp_path


def python_that(folder: Path, *, fails: str) -> str:
    """A Python that fails at the probe with this word in it."""
    python = folder / "python"
    python.write_text(f'#!/bin/sh\ncase "$*" in *{fails}*) exit 1;; *-V*) echo Python 3.9.2;; esac\n')
    python.chmod(0o755)
    return f"PYTHON={python}"


def test_make_alone_lists_the_commands() -> None:
    listed = make().stdout
    assert all(f"make {target}" in listed for target in ("demo", "test", "bench", "pins"))


def test_make_test_runs_every_check_and_pytest_last() -> None:
    steps = make("-n", "test").stdout
    tools = ("ruff check", "ruff format --check", "mypy", "lint-imports", "pytest")
    at = [steps.index(f"bin/{tool}") for tool in tools]
    assert at == sorted(at)


def test_an_old_python_is_named(new_machine: Path) -> None:
    result = make("demo", python_that(new_machine, fails="version_info"), cwd=new_machine)
    assert result.returncode != 0
    assert "Python 3.9.2. This bot needs Python 3.11 or newer" in result.stdout
    assert "make demo PYTHON=python3.12" in result.stdout


def test_a_python_without_ensurepip_gets_the_command_that_mends_it(new_machine: Path) -> None:
    result = make("test", python_that(new_machine, fails="ensurepip"), cwd=new_machine)
    assert result.returncode != 0
    assert "apt install python3-venv" in result.stdout


def test_no_python_at_all_is_said(new_machine: Path) -> None:
    result = make("demo", "PYTHON=python-that-is-not-there", cwd=new_machine)
    assert result.returncode != 0
    assert "is not installed" in result.stdout


@pytest.mark.parametrize("file", PINNED)
def test_every_package_is_pinned_with_hashes(file: str) -> None:
    text = (ROOT / file).read_text()
    requirements = re.findall(r"^[a-z][^#]*?(?=^[a-z]|\Z)", text, re.MULTILINE | re.DOTALL)
    assert requirements
    assert all("==" in requirement and "--hash=sha256:" in requirement for requirement in requirements)
    assert "pip" in pins(file), "sqlite-utils depends on it, and --require-hashes wants it too"
    assert not re.search(r"://|--(extra-)?index-url|--find-links", text), "where from is the machine's affair"


def test_development_adds_to_the_runtime() -> None:
    """The same .venv serves both, in any order."""
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


def test_how_to_pin_is_what_made_the_pins() -> None:
    asked = make("-n", "pins").stdout.splitlines()
    for file, command in zip(PINNED, asked, strict=True):
        made_by = (ROOT / file).read_text().splitlines()[1].removeprefix("#").split()
        assert set(made_by) == set(command.split())


def test_the_check_elsewhere_is_the_check_here() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    text = script.read_text()
    assert "BROWSER_TESTS=required exec make test" in text
    assert "chromium" in text
    assert "run: .ci/run" in (ROOT / ".github" / "workflows" / "ci.yml").read_text()


def test_the_procfile_runs_what_the_command_line_has() -> None:
    assert (ROOT / "Procfile").read_text() == "worker: python -m bot run\n"


@pytest.mark.parametrize(("needed", "status"), [("", 0), ("required", 1)])
def test_a_missing_browser_is_said_loudly(needed: str, status: int, tmp_path: Path) -> None:
    """Its tests are skipped here, and fail where they are required."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/test_page_in_browser.py"],
        cwd=ROOT,
        env=os.environ | {"PATH": str(tmp_path), "BROWSER_TESTS": needed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == status
    assert ("NO BROWSER" in run.stdout) == (status == 0)
