"""Where a campaign's button may lead, and its bounds."""

from datetime import timedelta

import pytest

from core.domain import campaigns
from core.domain.campaigns import CampaignLink, checked_link


def test_bounds_are_the_agreed_ones() -> None:
    assert (campaigns.MOST_CONTROL, campaigns.CAPTION_LENGTH, campaigns.TEXT_LENGTH) == (2000, 1024, 4096)
    assert (campaigns.SMS_LENGTH, campaigns.PICTURE_BYTES) == (550, 5_000_000)
    assert (campaigns.LABEL_LENGTH, campaigns.LINK_LENGTH) == (32, 512)
    assert timedelta(days=365) == campaigns.FARTHEST
    assert timedelta(hours=12) == campaigns.LATE
    assert campaigns.RESULT_DAYS == (3, 7, 14, 30)


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com",
        "HTTPS://example.com/путь?a=1&b=2#c",
        "https://пример.рф/",
        "https://example.com:8443/x",
        "https://a.bc/" + "x" * 499,
    ],
)
def test_a_secure_address_is_taken(link: str) -> None:
    assert checked_link(f"  {link}\n") == link


@pytest.mark.parametrize(
    "link",
    [
        "",
        "example.com",
        "http://example.com",
        "javascript:alert(1)",
        "https://",
        "https://localhost",
        "https://.com.",
        "https://user@example.com",
        "https://example.com/a b",
        "https://example.com/<b>",
        "https://example.com/\u202e",
        "https://example.com:99999999/",
        "https://[::1",
        "https://a.bc/" + "x" * 500,
    ],
)
def test_anything_else_is_refused_with_the_bound(link: str) -> None:
    with pytest.raises(CampaignLink) as refusal:
        checked_link(link)
    assert refusal.value.data == {"high": 512}
