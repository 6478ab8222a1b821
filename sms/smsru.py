"""SMS.ru as a gateway. Whatever can't be understood is UNKNOWN, never guessed."""

import json
import logging
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import SecretStr

from core.ports import Delivery, SmsOutcome, SmsResult, SmsStatus
from sms.smsaero_answers import GARBAGE, GatewayFault, read_money
from sms.smsru_client import SmsRuClient

logger = logging.getLogger(__name__)

_TAKEN = 100
_BUSY = 220  # "not available for now, try a little later": said instead of taking the message
_REFUSALS = {
    200: "auth",
    300: "auth",
    301: "auth",
    302: "auth",
    201: "no_money",
    202: "bad_number",
    207: "bad_number",
}
_FAILURES = {
    104: "expired",
    105: "deleted",
    106: "phone_failure",
    107: "undelivered",
    108: "rejected",
    150: "no_route",
}
_PENDING = (100, 101, 102)
_DELIVERED = (103, 110)  # 110: read


class SmsRuGateway:
    """``core.ports.SmsGateway`` on SMS.ru. Nothing here logs, shows or raises the key, a phone or a text."""

    def __init__(
        self, api_id: str | SecretStr, sender: str | None = None, url: str | None = None, timeout_s: float = 10
    ) -> None:
        """``sender`` is the name that SMS.ru registered, its default one without. Raises ValueError."""
        secret = api_id if isinstance(api_id, SecretStr) else SecretStr(api_id)
        self._client = SmsRuClient(secret, url, timeout_s)
        self._sender = sender

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._client.url!r})"

    async def send(self, phone: str, text: str, *, sender: str | None = None) -> SmsResult:
        """Hand over one message; see the port. The price is told with its status only."""
        if not re.fullmatch(r"[1-9][0-9]{6,14}", phone):
            return SmsResult(SmsOutcome.REFUSED, reason="bad_number")
        if not text.strip():
            return SmsResult(SmsOutcome.REFUSED, reason="refused")
        try:
            result = _read_sent(*await self._client.send(phone, text, sender or self._sender), phone)
        except GatewayFault as fault:
            result = fault.result()
        if result.outcome is not SmsOutcome.SENT:
            logger.warning("SMS.ru: send ended as %s (%s)", result.outcome.value, result.reason)
        return result

    async def find(self, phone: str, text: str, since: datetime) -> SmsResult:
        """UNKNOWN always: SMS.ru has no list to look a message up in."""
        return SmsResult(SmsOutcome.UNKNOWN, reason="no_list")

    async def status(self, provider_id: str) -> SmsStatus:
        """What became of a message that was SENT, and its price."""
        try:
            content = _parse(*await self._client.status(provider_id))
        except GatewayFault:
            return SmsStatus(Delivery.UNKNOWN)
        record = _record(content, provider_id)
        code = _code(record)
        cost = read_money(record.get("cost"))
        if code in _DELIVERED:
            return SmsStatus(Delivery.DELIVERED, cost=cost)
        if code in _FAILURES:
            return SmsStatus(Delivery.FAILED, _FAILURES[code], cost)
        return SmsStatus(Delivery.PENDING, cost=cost) if code in _PENDING else SmsStatus(Delivery.UNKNOWN)

    async def balance(self) -> int | None:
        """Money on the account in kopecks; None when it can't be learnt."""
        try:
            content = _parse(*await self._client.balance())
        except GatewayFault:
            return None
        return read_money(content.get("balance")) if _code(content) == _TAKEN else None

    async def close(self) -> None:
        await self._client.close()


def _read_sent(status: int, body: bytes, phone: str) -> SmsResult:
    if status == 429:
        return SmsResult(SmsOutcome.NOT_SENT, reason="busy")
    content = _parse(status, body)
    code = _code(content)
    if code == _TAKEN:
        content = _record(content, phone)
        code = _code(content)
    sms_id = content.get("sms_id")
    if code == _TAKEN and isinstance(sms_id, str) and re.fullmatch(r"[0-9A-Za-z-]{1,64}", sms_id):
        return SmsResult(SmsOutcome.SENT, sms_id, read_money(content.get("cost")))
    if code == _BUSY:
        return SmsResult(SmsOutcome.NOT_SENT, reason="busy")
    if code is not None and 200 <= code < 500:
        return SmsResult(SmsOutcome.REFUSED, reason=_REFUSALS.get(code, "refused"))
    return GARBAGE


def _parse(status: int, body: bytes) -> Mapping[str, Any]:
    """The answer's object; an empty one where it can't be one. SMS.ru answers 200 to everything it understands."""
    if status != 200:
        return {}
    try:
        content = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _record(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """What is said of one message: the only one that was asked about."""
    records = content.get("sms")
    record = records.get(key) if isinstance(records, dict) else None
    return record if isinstance(record, dict) else {}


def _code(content: Mapping[str, Any]) -> int | None:
    code = content.get("status_code")
    return code if type(code) is int else None
