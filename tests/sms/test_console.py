import io
from datetime import UTC, datetime

import pytest

from core.ports import SmsGateway, SmsOutcome
from sms.console import ConsoleGateway


async def test_prints_phone_and_text_in_a_frame() -> None:
    stream = io.StringIO()
    gateway: SmsGateway = ConsoleGateway(stream)
    result = await gateway.send("79160000001", "Код: 4812\nНикому не говорите")
    assert result.outcome is SmsOutcome.SENT
    assert stream.getvalue().splitlines() == [
        "┌─ SMS to +79160000001 (1 × ucs2, 28 characters)",
        "│ Код: 4812",
        "│ Никому не говорите",
        "└─",
    ]


async def test_a_text_can_not_steer_the_terminal() -> None:
    stream = io.StringIO()
    await ConsoleGateway(stream).send("79160000001", "a\x1b[2Jb\rc")
    assert "\x1b" not in stream.getvalue()
    assert "\r" not in stream.getvalue()


async def test_prints_to_stderr_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    await ConsoleGateway().send("79160000001", "hello")
    captured = capsys.readouterr()
    assert "│ hello" in captured.err
    assert captured.out == ""


class Broken(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


async def test_a_broken_stream_is_an_outcome() -> None:
    gateway = ConsoleGateway(Broken())
    assert (await gateway.send("79160000001", "hello")).outcome is SmsOutcome.NOT_SENT
    found = await gateway.find("79160000001", "hello", datetime(2026, 1, 1, tzinfo=UTC))
    assert found.outcome is SmsOutcome.NOT_SENT
    await gateway.close()
