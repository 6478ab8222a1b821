"""Delivery reports of SMS gateways. They are hints: what they say is asked for, never believed."""

import hmac
import json
import re
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from bot.metrics import Metrics
from core.sms_statuses import SmsStatuses

MAX_REPORT = 64 * 1024
MOST_IDS = 100
PER_SECOND = 20.0
BURST = 100.0
_ID = re.compile(r"[0-9]{1,19}(?:-[0-9]{1,19})?")
_TAKEN = "100"
"""What SMS.ru wants to read; SMS Aero looks at the status only."""


class Reports:
    """``POST /sms/<path>``: 404 for any other path, 413 and 429 for too much, else 200 whatever it says."""

    def __init__(
        self,
        path: str,
        statuses: SmsStatuses,
        metrics: Metrics,
        passed_s: Callable[[], float] = monotonic,
    ) -> None:
        self._expected = path.encode()
        self._statuses = statuses
        self._metrics = metrics
        self._passed_s = passed_s
        self._tokens, self._filled_at = BURST, passed_s()

    @classmethod
    def of(cls, path: str, statuses: SmsStatuses, metrics: Metrics) -> list[web.RouteDef]:
        """The route to add."""
        return [web.post("/sms/{secret}", cls(path, statuses, metrics).answer)]

    async def answer(self, request: web.Request) -> web.Response:
        """Take one report."""
        sent = request.path.encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(sent, self._expected):
            return self._refused(404)
        if not self._may_pass():
            return self._refused(429)
        if (request.content_length or 0) > MAX_REPORT:
            return self._refused(413)
        body = await request.content.read(MAX_REPORT + 1)
        while len(body) <= MAX_REPORT and not request.content.at_eof():
            body += await request.content.read(MAX_REPORT + 1 - len(body))
        if len(body) > MAX_REPORT:
            return self._refused(413)
        ids = ids_in(body)
        if ids:
            await self._statuses.hint(ids)
        return web.Response(text=_TAKEN)

    def _may_pass(self) -> bool:
        """A bucket of BURST reports that fills by PER_SECOND."""
        now = self._passed_s()
        self._tokens = min(BURST, self._tokens + (now - self._filled_at) * PER_SECOND)
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def _refused(self, status: int) -> web.Response:
        self._metrics.refuse("sms", status)
        return web.Response(status=status)


def ids_in(body: bytes) -> list[str]:
    """Numbers of messages that a report names: a form's or JSON's ``id``, or the lines of SMS.ru's ``data[…]``."""
    text = body.decode("utf-8", "replace")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = _form(text)
    found = dict.fromkeys(each for each in _ids(content) if _ID.fullmatch(each))
    return list(found)[:MOST_IDS]


def _form(text: str) -> dict[str, Any]:
    try:
        return dict(parse_qsl(text, max_num_fields=2 * MOST_IDS))
    except ValueError:
        return {}


def _ids(content: Any) -> Iterator[str]:
    if not isinstance(content, dict):
        return
    for key, value in content.items():
        if key in ("id", "sms_id") and isinstance(value, str | int) and not isinstance(value, bool):
            yield str(value)
        elif key.startswith("data[") and isinstance(value, str):
            lines = value.split("\n")
            if lines[0] == "sms_status" and len(lines) > 1:
                yield lines[1].strip()
