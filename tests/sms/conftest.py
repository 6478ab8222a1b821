"""Nothing secret may surface in any test here: everything logged at DEBUG is looked through at the end."""

import logging
from base64 import b64encode
from collections.abc import Iterator

import pytest

from tests.sms.gate import EMAIL, KEY, PHONE, TEXT
from tests.sms.smsru_stub import API_ID

SECRETS = (KEY, API_ID, PHONE, TEXT, "4812", b64encode(f"{EMAIL}:{KEY}".encode()).decode())


def shows_a_secret(shown: str) -> bool:
    return any(secret in shown for secret in SECRETS)


@pytest.fixture(autouse=True)
def nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    for record in caplog.get_records("call"):
        assert not shows_a_secret(f"{record.getMessage()} {record.args} {record.exc_info}"), record.name
