"""What commands say, and how processes wait, when the database's server is away or refuses them."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot import commands
from bot.backup import commands as copies
from bot.database import migrate_database
from bot.settings import BadSettings, Settings
from tests.servers import free_port

ROOT = Path(__file__).parents[2]
START_S = 120.0
TOKENS = {
    "CUSTOMER_BOT_TOKEN": "101:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "STAFF_BOT_TOKEN": "202:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "SECRET_KEY": "test-secret-key-of-32-characters!",
}


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty folder, settings that name a server where none listens; gives its address."""
    monkeypatch.chdir(tmp_path)
    url = f"postgresql://user:planted@127.0.0.1:{free_port()}/name"
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in {**TOKENS, "DATABASE_URL": url}.items():
        monkeypatch.setenv(name, value)
    return url


@pytest.mark.parametrize(
    "command",
    [
        commands.migrate,
        commands.check,
        lambda: commands.programme({}, None),
        lambda: copies.backup(Path("copy.zip")),
    ],
    ids=["migrate", "check", "programme", "backup"],
)
async def test_a_command_says_so_in_one_line(
    command: Callable[[], Awaitable[int]], away: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert await command() == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert "planted" not in said
    assert list(tmp_path.iterdir()) == []


async def test_a_process_waits_for_it_and_ends_politely(away: str, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run",
        cwd=tmp_path, stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATABASE_URL": away, **TOKENS},
    )  # fmt: skip
    assert process.stderr is not None
    try:
        async with asyncio.timeout(START_S):
            said = b""
            while b"database_awaited" not in said:
                line = await process.stderr.readline()
                assert line, said
                said += line
            process.send_signal(signal.SIGTERM)
            said += await process.stderr.read()
            assert await process.wait() == 0, said
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert b"Traceback" not in said
    assert b"planted" not in said


class TestOnAServer:
    @pytest.fixture
    def database_kind(self) -> str:
        return "postgres"

    async def test_a_database_that_the_server_does_not_know_is_a_bad_setting(self, database_url: str) -> None:
        elsewhere = urlsplit(database_url)._replace(path="/nowhere").geturl()
        with pytest.raises(BadSettings, match="DATABASE_URL: the server refuses"):
            await migrate_database(elsewhere)

    async def test_so_is_a_user_for_commands_that_migrate_nothing(
        self, database_url: str, away: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        parts = urlsplit(database_url)
        stranger = parts._replace(netloc=parts.netloc.replace("postgres:", "nobody:planted")).geturl()
        monkeypatch.setenv("DATABASE_URL", stranger)
        for command in (commands.check(), copies.backup(Path("copy.zip"))):
            assert await command == 2
            said = capsys.readouterr().err
            assert said.startswith("DATABASE_URL: the server refuses")
            assert "planted" not in said

    async def test_options_of_an_address_that_are_for_other_programs_do_no_harm(self, database_url: str) -> None:
        joint = "&" if urlsplit(database_url).query else "?"
        await migrate_database(f"{database_url}{joint}channel_binding=prefer&pgbouncer=true")
