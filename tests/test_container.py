"""The container file: what it copies is enough to run, healthy, and stopped in order. No Docker is needed."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from bot.doctor import doctor
from bot.manifest import manifest
from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from bot.settings import Settings
from tests.office import PATIENCE
from tests.ports import free_port
from tests.process import read_log

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))


def instruction(name: str) -> list[str]:
    """All lines of one kind, without its name."""
    return re.findall(rf"^{name}\s+(.*)$", DOCKERFILE, re.MULTILINE)


def command_in(line: str) -> list[str]:
    """``… ["python", …]``, with this very Python."""
    python, *arguments = json.loads(line[line.index("[") :])
    assert python == "python"
    return [sys.executable, *arguments]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A folder with what the container has, and no more."""
    app = tmp_path / "app"
    app.mkdir()
    for source, target in (line.split() for line in instruction("COPY")):
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy2
        copy(ROOT / source, app / target)
    return app


async def test_what_is_copied_runs_is_healthy_and_stops(image: Path, tmp_path: Path) -> None:
    volume = tmp_path / "data"
    volume.mkdir()
    port = str(free_port())
    async with Sandbox(clock=Clock(), manifest=manifest("/hours", socket_mode=True)) as sandbox:
        env = {"PATH": os.environ["PATH"], "DATABASE_PATH": str(volume / "hours.db"), "PORT": port}
        bot = await asyncio.create_subprocess_exec(
            *command_in(instruction("CMD")[-1]),
            cwd=image, env=sandbox.environment() | env, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            await read_log(bot, until="running")
            await sandbox.slack.connected()
            check = await asyncio.create_subprocess_exec(
                *command_in(instruction("HEALTHCHECK")[0]), cwd=image, env=env
            )
            assert await check.wait() == 0
            bot.terminate()
            await read_log(bot, until="")
            assert await bot.wait() == 0
        finally:
            if bot.returncode is None:
                bot.kill()
                await bot.wait()
    assert [path.name for path in volume.iterdir()] == ["hours.db"]


def test_nothing_secret_goes_into_an_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert ignored[0] == "*"
    sources = {line.split()[0] for line in instruction("COPY")}
    assert {line[1:] for line in ignored if line.startswith("!")} == sources


def test_it_does_not_run_as_root_and_keeps_its_database_on_the_volume() -> None:
    assert instruction("USER") == ["hours"]
    assert instruction("VOLUME") == ["/data"]
    assert "DATABASE_PATH=/data/hours.db" in instruction("ENV")[-1]


async def test_the_services_for_trying_it_tell_the_settings_that_join_it_to_them() -> None:
    services = await asyncio.create_subprocess_exec(
        sys.executable, "-c", (ROOT / ".ci" / "services").read_text(), str(free_port()),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert services.stdout
        lines: list[str] = []
        async with asyncio.timeout(PATIENCE):
            while not lines or not lines[-1].startswith("HOURS_ADMINS"):
                lines.append((await services.stdout.readline()).decode().strip())
        given = dict(line.split("=", 1) for line in lines)
        assert Settings.load(given, env_file=None).socket_mode
        assert await doctor(Settings.load(given | {"DATABASE_PATH": "/tmp/hours.db"}, env_file=None)) == 0  # noqa: S108 - looked at only
    finally:
        services.terminate()
        await services.wait()


def test_what_the_readme_says_of_it_is_tried_elsewhere_with_each_change() -> None:
    """Docker's commands of *On a host*, in their order."""
    assert "run: .ci/container" in (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    script = (ROOT / ".ci" / "container").read_text()
    told = re.findall(r"^docker compose (\w+).*?(python -m bot \w+)?(?: /data.*)?$", README, re.MULTILINE)
    tried = re.findall(r"^compose (\w+).*?(python -m bot \w+)?(?: /data.*)?$", script, re.MULTILINE)
    assert {("run", "python -m bot restore"), ("exec", "python -m bot backup")} <= set(told)
    assert set(told) - {("logs", "")} <= set(tried)
