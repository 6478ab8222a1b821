"""Web addresses as bots give them."""

from urllib.parse import SplitResult, urlsplit


def split_url(address: str) -> SplitResult | None:
    """The parts of an address, None where it has no such shape."""
    try:
        return urlsplit(address)
    except ValueError:
        return None
