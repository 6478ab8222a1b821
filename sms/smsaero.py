"""SMS Aero, or any server that speaks its API v2."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from pydantic import SecretStr

from core.ports import Delivery, SmsOutcome, SmsResult, SmsStatus
from sms.smsaero_answers import (
    GARBAGE,
    GatewayFault,
    ListedSms,
    read_delivery,
    read_list,
    read_money,
    read_sent,
)
from sms.smsaero_client import OneGateClient, Scheme

__all__ = ["GatewayFault", "SmsAeroGateway"]

logger = logging.getLogger(__name__)

_MOST_PAGES = 5
# The gateway's clock may differ from ours: the same text listed this long before ``since`` proves nothing.
_SKEW = timedelta(minutes=10)


class SmsAeroGateway:
    """``core.ports.SmsGateway`` on one gate of SMS Aero.

    One call makes at most one request that could send. Nothing here logs, shows or raises the key, a phone
    or a text. Connections are closed by ``close``.
    """

    def __init__(
        self,
        email: str,
        api_key: str | SecretStr,
        sign: str = "SMS Aero",
        gate: str | None = None,
        scheme: Scheme = "https",
        timeout_s: float = 10,
        report_url: str | None = None,
    ) -> None:
        """``gate`` is ``@host:port`` or ``@host:port/v2``, the official one by default; ``scheme`` may be
        http only for a gate on this machine; ``timeout_s`` bounds each request from first to last byte;
        ``report_url`` is where delivery reports shall be posted, nowhere by default.

        Raises ValueError for settings that won't do.
        """
        secret = api_key if isinstance(api_key, SecretStr) else SecretStr(api_key)
        self._client = OneGateClient(email, secret, sign, gate, scheme, timeout_s)
        self._report_url = report_url

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._client.base_url!r})"

    async def send(self, phone: str, text: str, *, sender: str | None = None) -> SmsResult:
        """Hand over one message of 2 to 640 characters (``refused`` otherwise); see the port."""
        number = _as_number(phone)
        if number is None:
            return SmsResult(SmsOutcome.REFUSED, reason="bad_number")
        try:
            self._client.send_sms_validate(number, text, sender)
        except ValueError:
            return SmsResult(SmsOutcome.REFUSED, reason="refused")
        try:
            answer = await self._client.send_sms(number, text, sign=sender, callback_url=self._report_url)
            result = read_sent(answer)
        except GatewayFault as fault:
            result = fault.result()
        if result.outcome is not SmsOutcome.SENT:
            logger.warning("SMS gateway: send ended as %s (%s)", result.outcome.value, result.reason)
        return result

    async def find(self, phone: str, text: str, since: datetime) -> SmsResult:
        """Look for a message in the gateway's list by phone, text and time; see the port.

        Ask only when the gateway has had time to finish with the lost request (half a minute does): what it
        is still swallowing is not listed yet, and would be called NOT_SENT. The same text listed up to 10
        minutes before ``since`` may be this one by a slow clock, and gives UNKNOWN. ``since`` must be aware.
        """
        number = _as_number(phone)
        if number is None:
            return SmsResult(SmsOutcome.NOT_SENT, reason="bad_number")
        try:
            result = await self._search(number, text, since)
        except GatewayFault as fault:
            result = SmsResult(SmsOutcome.UNKNOWN, reason=fault.reason)
        logger.info("SMS gateway: a lost message is %s (%s)", result.outcome.value, result.reason)
        return result

    async def balance(self) -> int | None:
        """Money on the account in minor units; None when it can't be learnt."""
        try:
            data = await self._client.balance()
        except GatewayFault:
            return None
        return read_money(data.get("balance")) if isinstance(data, dict) else None

    async def status(self, provider_id: str) -> SmsStatus:
        """What became of a message that was SENT; UNKNOWN when the gateway can't say."""
        try:
            return read_delivery(await self._client.sms_status(int(provider_id)))
        except GatewayFault:
            return SmsStatus(Delivery.UNKNOWN)

    async def close(self) -> None:
        await self._client.close_session()

    async def _search(self, number: int, text: str, since: datetime) -> SmsResult:
        earliest = since - _SKEW
        doubtful = False
        for page in range(1, _MOST_PAGES + 1):
            answer = read_list(await self._client.sms_list(number, page=page))
            if answer is None:
                return GARBAGE
            lines, more = answer
            same = [line for line in lines if line.number == str(number) and _same(line.text, text)]
            for line in same:
                # The list has whole seconds, cut down.
                if line.created >= since.replace(microsecond=0):
                    return SmsResult(SmsOutcome.SENT, line.result.provider_id, line.result.cost)
            doubtful = doubtful or any(line.created >= earliest for line in same)
            if not more or _reaches_back(lines, earliest):
                outcome = SmsOutcome.UNKNOWN if doubtful else SmsOutcome.NOT_SENT
                return SmsResult(outcome, reason="garbage" if doubtful else None)
        return GARBAGE


def _as_number(phone: str) -> int | None:
    """The library takes phones as whole numbers of 7 to 15 digits; a leading zero would be lost."""
    if not (phone.isascii() and phone.isdecimal() and 7 <= len(phone) <= 15) or phone.startswith("0"):
        return None
    return int(phone)


def _same(listed: str, sent: str) -> bool:
    """Gateways are free with white space, not with words."""
    return listed.split() == sent.split()


def _reaches_back(lines: Sequence[ListedSms], earliest: datetime) -> bool:
    """Whether further pages can only hold what is older: newest first, and the last one old enough."""
    newest_first = all(newer.created >= older.created for newer, older in pairwise(lines))
    return newest_first and bool(lines) and lines[-1].created < earliest
