"""Settings of the gateway: refused at start, with words that show nothing secret."""

from collections.abc import Callable

import pytest

from sms.smsaero import SmsAeroGateway
from tests.sms.conftest import shows_a_secret
from tests.sms.gate import EMAIL, KEY


@pytest.mark.parametrize(
    "make",
    [
        lambda: SmsAeroGateway(EMAIL, KEY, gate="@sms.example.com", scheme="http"),
        lambda: SmsAeroGateway(EMAIL, KEY, gate="@127.0.0.1.example.com", scheme="http"),
        lambda: SmsAeroGateway(EMAIL, KEY, gate="@192.0.2.1:80", scheme="http"),
        lambda: SmsAeroGateway(EMAIL, KEY, scheme="http"),
        lambda: SmsAeroGateway(EMAIL, KEY, scheme="ftp"),  # type: ignore[arg-type]
        lambda: SmsAeroGateway(EMAIL, KEY, gate="https://gate.example.com"),
        lambda: SmsAeroGateway(EMAIL, KEY, gate=f"{EMAIL}:{KEY}@gate.example.com"),
        lambda: SmsAeroGateway(EMAIL, KEY, gate="gate.example.com:port"),
        lambda: SmsAeroGateway(EMAIL, KEY, gate="gate example com"),
        lambda: SmsAeroGateway(EMAIL, KEY, gate="@"),
        lambda: SmsAeroGateway(EMAIL, KEY, gate="gate.example.com/v2?x=1"),
        lambda: SmsAeroGateway(EMAIL, KEY, timeout_s=0),
        lambda: SmsAeroGateway(EMAIL, KEY, sign="x"),
    ],
)
def test_settings_that_will_not_do(make: Callable[[], SmsAeroGateway]) -> None:
    with pytest.raises(ValueError, match=r"SMS gate|Signature") as caught:
        make()
    assert not shows_a_secret(str(caught.value))


@pytest.mark.parametrize(
    ("gate", "scheme", "url"),
    [
        (None, "https", "https://gate.smsaero.ru/v2/"),
        ("@gate.smsaero.ru/v2/", "https", "https://gate.smsaero.ru/v2/"),
        ("sms.example.com:8443", "https", "https://sms.example.com:8443/v2/"),
        ("@sms.example.com/proxy/v2", "https", "https://sms.example.com/proxy/v2/"),
        ("localhost:80/v2", "http", "http://localhost:80/v2/"),
        ("@[::1]:80", "http", "http://[::1]:80/v2/"),
    ],
)
def test_addresses(gate: str | None, scheme: str, url: str) -> None:
    assert repr(SmsAeroGateway(EMAIL, KEY, gate=gate, scheme=scheme)) == f"SmsAeroGateway({url!r})"
