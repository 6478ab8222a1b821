"""Bounds that operators want short are long here: a busy machine is no failure."""

import pytest


@pytest.fixture(autouse=True)
def _patient_polling(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("bot.polling.poller.CONFIRM_S", "bot.polling.attempts.TELLING_S", "bot.telegram.api.CONNECT_S"):
        monkeypatch.setattr(name, 60.0)
