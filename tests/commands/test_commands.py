"""What the command line says and with which exit status."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot import commands
from bot.backup import commands as copies
from bot.database import database
from bot.settings import Settings
from core.store.sql import fetch
from simulator import Simulator
from tests.bots.world import CUSTOMER_BOT, STAFF_BOT, simulated


@pytest_asyncio.fixture
async def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Simulator, str]]:
    """An empty folder with settings that name a Bot API server; gives it and the database's address."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    async with simulated() as simulator:
        monkeypatch.setenv("CUSTOMER_BOT_TOKEN", CUSTOMER_BOT.token)
        monkeypatch.setenv("STAFF_BOT_TOKEN", STAFF_BOT.token)
        monkeypatch.setenv("TELEGRAM_API_URL", simulator.url)
        yield simulator, "sqlite:///var/kopilka.db"


async def test_a_check_before_the_first_start_says_what_to_do(
    deployed: tuple[Simulator, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert await commands.check() == 2
    assert "python -m bot migrate" in capsys.readouterr().err


async def test_a_check_of_a_sound_database_passes_and_of_a_broken_one_does_not(
    deployed: tuple[Simulator, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert await commands.migrate() == 0
    assert await commands.check() == 0
    assert "nothing broken" in capsys.readouterr().out
    async with database(deployed[1]):
        await fetch(
            "INSERT INTO customer (phone, name_key, language, status, promo_code, debt, purchases, sold, paid, "
            "created_at) VALUES ('79000000009', '', 'ru', 'active', 'BROKEN', 100, 0, 0, 0, $1)",
            "2026-01-01 00:00:00+00:00",
        )
    assert await commands.check() == 1
    assert "BROKEN customer_debt" in capsys.readouterr().out


async def test_a_newer_database_wants_the_newer_program(
    deployed: tuple[Simulator, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert await commands.migrate() == 0
    async with database(deployed[1]):
        await fetch(
            "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('core', '9999_newer', $1)",
            "2026-01-01 00:00:00+00:00",
        )
    for command in (commands.check(), copies.backup(tmp_path / "copy.zip")):
        assert await command == 2
        assert "newer version than this program" in capsys.readouterr().err
    assert not (tmp_path / "copy.zip").exists()


async def test_nothing_but_a_run_makes_the_demonstrations_database(
    deployed: tuple[Simulator, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CUSTOMER_BOT_TOKEN", "STAFF_BOT_TOKEN"):
        monkeypatch.delenv(name)
    assert await commands.migrate() == 0
    assert "nothing to do" in capsys.readouterr().out
    assert await commands.check() == 2
    assert "python -m bot run makes it" in capsys.readouterr().err
    assert await commands.programme({"name": "My shop"}, None) == 2
    said = capsys.readouterr()
    assert "python -m bot run" in said.err
    assert not Path("var").exists(), "a run would take it for the sample merchant's"


async def test_the_first_owner_gets_a_link(
    deployed: tuple[Simulator, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert await commands.invite("owner", None) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"https://t.me/{STAFF_BOT.username}?start=join_")
    assert "Основная точка" in said


async def test_nobody_is_invited_as_what_is_not_there(
    deployed: tuple[Simulator, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert await commands.invite("boss", None) == 2
    assert "cashier, operator, manager, owner" in capsys.readouterr().err


async def test_the_programme_is_shown_and_changed_within_bounds(
    deployed: tuple[Simulator, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert await commands.programme({"accrual_percent": 700, "name": "My shop"}, None) == 0
    assert "accrual_percent=700" in capsys.readouterr().out
    assert await commands.programme({"accrual_percent": 0}, None) == 2
    assert "from 100 to 10000" in capsys.readouterr().err
    assert await commands.programme({"colour": "red"}, None) == 2
    assert await commands.programme({}, None) == 0
    assert "name='My shop'" in capsys.readouterr().out


async def test_a_branch_that_is_not_there_is_named(
    deployed: tuple[Simulator, str], capsys: pytest.CaptureFixture[str]
) -> None:
    for changes in ({}, {"accrual_percent": 700}):
        assert await commands.programme(changes, 99) == 2
        assert capsys.readouterr().err.startswith("--branch 99: ")
    assert await commands.invite("cashier", 99) == 2
    assert capsys.readouterr().err.startswith("--branch 99: ")


async def test_sums_of_levels_turn_into_no_visits(
    deployed: tuple[Simulator, str], capsys: pytest.CaptureFixture[str]
) -> None:
    levels = [{"name": "Silver", "threshold": 1_000_00}]
    assert await commands.programme({"levels": levels}, None) == 0
    assert await commands.programme({"level_metric": "visits"}, None) == 2
    assert capsys.readouterr().err.startswith("level_metric: ")


@pytest.mark.parametrize("name", ["", "  "])
async def test_the_merchant_has_a_name(
    deployed: tuple[Simulator, str], capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert await commands.programme({"name": name}, None) == 2
    assert "name: can't be empty" in capsys.readouterr().err


async def test_a_link_without_telegram_is_refused_in_plain_words(
    deployed: tuple[Simulator, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await deployed[0].stop()
    monkeypatch.setattr(commands, "PATIENCE_S", 1.0)
    assert await commands.invite("owner", None) == 2
    said = capsys.readouterr().err
    assert said.startswith("Telegram can't be reached, so no link was made")
    assert "try again" in said


async def test_a_link_by_an_unknown_token_is_refused_in_plain_words(
    deployed: tuple[Simulator, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAFF_BOT_TOKEN", "201:planted")
    assert await commands.invite("owner", None) == 2
    said = capsys.readouterr().err
    assert "Telegram does not know this token" in said
    assert "planted" not in said


@pytest.mark.parametrize("while_importing", ["typer", "bot.processes"])
def test_an_interrupted_start_ends_without_a_traceback(tmp_path: Path, while_importing: str) -> None:
    script = tmp_path / "interrupted.py"
    script.write_text(
        "import builtins, os, runpy, signal, sys\n"
        # Whoever runs the tests in the background may have told them to ignore interrupts.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "real = builtins.__import__\n"
        "def interrupting(name, *rest, **named):\n"
        f"    if name == {while_importing!r}:\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    return real(name, *rest, **named)\n"
        "builtins.__import__ = interrupting\n"
        "sys.argv[1:] = ['run']\n"
        "runpy.run_module('bot', run_name='__main__')\n"
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]), "SIMULATOR_PORT": "0"}
    ended = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Traceback" not in ended.stderr, ended.stderr
    assert ended.returncode in (130, -signal.SIGINT)
