"""``make audit`` says what is known, and never takes silence for health."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests.test_make import ROOT, pins

SOUND = {"name": "aiohttp", "version": "3.13", "vulns": []}
HOLED = {"name": "idna", "version": "1.0", "vulns": [{"id": "PYSEC-2024-60", "fix_versions": ["3.7"]}]}
SKIPPED = {"name": "ruff", "skip_reason": "not found"}


def audit(folder: Path, answer: str, **extra: str) -> tuple[int, str]:
    """With a pip-audit that answers so; its exit status and what it says."""
    (folder / "pip_audit.py").write_text(f"print({answer!r})")
    done = subprocess.run(  # noqa: S603 - the project's own script
        [sys.executable, ROOT / ".ci" / "audit"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), **extra},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def answer(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages})


def test_all_is_well(tmp_path: Path) -> None:
    assert audit(tmp_path, answer(SOUND)) == (0, "1 packages audited, 0 vulnerabilities known.\n")


def test_a_vulnerability_is_named_with_the_version_that_mends_it(tmp_path: Path) -> None:
    status, said = audit(tmp_path, answer(SOUND, HOLED))
    assert status == 1
    assert said.splitlines()[0] == "idna 1.0: PYSEC-2024-60; mended in 3.7"
    assert "make pins ARGS=--upgrade" in said


@pytest.mark.parametrize("reply", [answer(SKIPPED), "Traceback …", ""])
def test_where_nothing_could_be_asked_it_says_so(tmp_path: Path, reply: str) -> None:
    status, said = audit(tmp_path, reply)
    assert (status, said.startswith("NOT AUDITED: its data cannot be reached from here")) == (0, True)
    _, said = audit(tmp_path, reply, GITHUB_ACTIONS="true")
    assert said.startswith("::warning::NOT AUDITED")


def test_what_is_not_known_there_is_named(tmp_path: Path) -> None:
    status, said = audit(tmp_path, answer(SOUND, SKIPPED))
    assert (status, said.splitlines()[0]) == (0, "NOT AUDITED: not known there: ruff.")


def test_the_workflow_audits_each_change_and_each_week() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    assert "run: make audit" in workflow
    assert "cron:" in workflow


def test_everything_that_is_asked_for_is_pinned_in_a_version_that_is_asked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for file, wanted in (
        ("requirements.txt", project["dependencies"]),
        ("requirements-dev.txt", project["dependencies"] + project["optional-dependencies"]["dev"]),
    ):
        pinned = pins(file)
        for requirement in map(Requirement, wanted):
            assert pinned[requirement.name] in requirement.specifier, f"{file}: {requirement}"
    assert (ROOT / ".python-version").read_text().strip() in SpecifierSet(project["requires-python"])


def test_what_is_no_package_is_named_exactly_too_and_kept_current() -> None:
    """The container's base by its full version, the workflow's actions by their commit."""
    (base,) = re.findall(r"^FROM (.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", base)
    used = re.findall(r"uses: (.*)$", (ROOT / ".github" / "workflows" / "ci.yml").read_text(), re.MULTILINE)
    assert used
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each) for each in used)
    asked = (ROOT / ".github" / "dependabot.yml").read_text()
    assert set(re.findall(r"package-ecosystem: (\S+)", asked)) == {"docker", "github-actions"}
