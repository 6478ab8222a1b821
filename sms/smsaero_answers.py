"""Reading what an SMS Aero v2 server says. Pure; whatever can't be understood is UNKNOWN, never guessed."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from core.ports import Delivery, SmsOutcome, SmsResult, SmsStatus


class GatewayFault(Exception):
    """A request without a success. Its text is a machine word: never the URL, the phone, the text or the key.

    Words: those of ``SmsResult.reason``, and ``tls`` (no trusted connection), ``lost`` (the connection broke
    after the request had left), ``busy`` (429: too many requests).
    """

    def __init__(self, outcome: SmsOutcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason

    def result(self) -> SmsResult:
        return SmsResult(self.outcome, reason=self.reason)


GARBAGE = SmsResult(SmsOutcome.UNKNOWN, reason="garbage")
_REJECTED = 6


# 0 queued, 1 delivered, 2 not delivered, 3 handed to the operator, 4 awaiting its report, 6 rejected,
# 8 with a moderator.
_DELIVERY = {
    0: Delivery.PENDING,
    1: Delivery.DELIVERED,
    2: Delivery.FAILED,
    3: Delivery.PENDING,
    4: Delivery.PENDING,
    _REJECTED: Delivery.FAILED,
    8: Delivery.PENDING,
}


@dataclass(frozen=True, slots=True)
class ListedSms:
    """One line of the gateway's list; ``created`` has whole seconds, by the gateway's clock."""

    number: str
    text: str
    created: datetime
    result: SmsResult


def read_answer(status: int, body: bytes) -> Any:
    """The ``data`` of an answer that says success.

    Raises GatewayFault: REFUSED only for a refusal in so many words, NOT_SENT for 429, else UNKNOWN, for
    5xx too: the message may have been taken before the trouble began.
    """
    if status == 429:
        raise GatewayFault(SmsOutcome.NOT_SENT, "busy")
    content = _parse(body)
    if status == 401:
        raise GatewayFault(SmsOutcome.REFUSED, "auth")
    if not isinstance(content, dict):
        raise GatewayFault(SmsOutcome.UNKNOWN, "garbage")
    success = content.get("success")
    if 200 <= status < 300:
        if success is True:
            return content.get("data")
        refused = success is False or content.get("result") in ("reject", "no credits")
    else:
        refused = 400 <= status < 500 and status != 408 and success is not True
    if refused:
        raise GatewayFault(SmsOutcome.REFUSED, _refusal(status, content))
    raise GatewayFault(SmsOutcome.UNKNOWN, "garbage")


def read_sent(data: Any) -> SmsResult:
    """What an accepted message's record says; garbage when there is no id in it."""
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    provider_id = _digits(data.get("id")) if isinstance(data, dict) else None
    if provider_id is None:
        return GARBAGE
    cost = read_money(data.get("cost"))
    if _digits(data.get("status")) == str(_REJECTED):
        return SmsResult(SmsOutcome.REFUSED, provider_id, cost, "refused")
    return SmsResult(SmsOutcome.SENT, provider_id, cost)


def read_delivery(data: Any) -> SmsStatus:
    """The state and the cost in a message's record."""
    state = _digits(data.get("status")) if isinstance(data, dict) else None
    if state is None or (delivery := _DELIVERY.get(int(state))) is None:
        return SmsStatus(Delivery.UNKNOWN)
    reason = {2: "undelivered", _REJECTED: "rejected"}.get(int(state))
    return SmsStatus(delivery, reason, read_money(data.get("cost")))


def read_list(data: Any) -> tuple[list[ListedSms], bool] | None:
    """One page of the list and whether another follows; None when any of it can't be read."""
    if isinstance(data, list):
        records, more, total = list(data), False, str(len(data))
    elif isinstance(data, dict):
        records = [value for key, value in data.items() if key.isdecimal()]
        links = data.get("links")
        more = isinstance(links, dict) and bool(links.get("next"))
        total = _digits(data.get("totalCount")) or ""
    else:
        return None
    if not records and total != "0":
        return None
    listed = [_read_listed(record) for record in records]
    lines = [line for line in listed if line is not None]
    return (lines, more) if len(lines) == len(listed) else None


def read_money(value: Any) -> int | None:
    """A sum in minor units; None for what is no sum. The gateway writes 5.49 as well as "5.49"."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        amount = Decimal(value)
    except (InvalidOperation, ValueError):
        return None
    if not amount.is_finite() or abs(amount) >= 10**12:
        return None
    return int((amount * 100).to_integral_value(ROUND_HALF_UP))


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None


def _refusal(status: int, content: Mapping[str, Any]) -> str:
    said = f"{content.get('result')} {content.get('message')} {content.get('reason')}".lower()
    if status == 402 or re.search(r"no credits|not enough|no money|insufficient|недостаточно", said):
        return "no_money"
    if status == 403 or re.search(r"credentials|unauthori[sz]ed|authoriz", said):
        return "auth"
    fields = content.get("data")
    if isinstance(fields, dict) and ("number" in fields or "numbers" in fields):
        return "bad_number"
    return "refused"


def _read_listed(record: Any) -> ListedSms | None:
    if not isinstance(record, dict):
        return None
    number, created = _digits(record.get("number")), _digits(record.get("dateCreate"))
    text, result = record.get("text"), read_sent(record)
    if number is None or created is None or not isinstance(text, str) or result is GARBAGE:
        return None
    if len(created) > 10:  # beyond the year 2286: no seconds
        return None
    return ListedSms(number, text, datetime.fromtimestamp(int(created), UTC), result)


def _digits(value: Any) -> str | None:
    """A natural number written as JSON likes: 12 or "12"."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    written = str(value)
    return written if re.fullmatch(r"[0-9]{1,19}", written) else None
