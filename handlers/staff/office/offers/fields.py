"""What is typed or pressed for each part of a draft. Pure; refusals are InvalidOffer with the bounds."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.coupons import MOST_USES
from core.domain.amounts import parse_hundredths
from core.domain.coupons import MOST_CODES, OWN_LENGTH, read_code
from core.domain.errors import InvalidAmount, InvalidOffer
from core.domain.promotions import BOUNDS, DAY, MIN_PURCHASE, NAME_LENGTH, Benefit
from handlers.input_error import InputError, tidy
from handlers.parse import parse_name
from handlers.staff.office.offers.draft import LISTS, Values

_DAY = r"(?P<{0}d>[0-9]{{1,2}})[./](?P<{0}m>[0-9]{{1,2}})(?:[./](?P<{0}y>[0-9]{{4}}|[0-9]{{2}}))?"
_RANGE = re.compile(rf"(?:{_DAY.format('a')} ?(?:-|–|—|по|to) ?)?(?:(?:до|по|until) )?{_DAY.format('b')}")
_CLOCK = r"(?P<{0}h>[0-9]{{1,2}})(?:[:.](?P<{0}m>[0-9]{{2}}))?"
_HOURS = re.compile(rf"(?:с )?{_CLOCK.format('a')} ?(?:-|–|—|до|to) ?{_CLOCK.format('b')}")
_UNIT = re.compile(r"[x×х%₽]|баллов|балла|балл|руб\.?|р\.?|points?", re.IGNORECASE)
QUICK = ("today", "weekend", "week", "month", "forever")
_MONTH = 30


def quick_dates(word: str, today: date, time_zone: str) -> Values:
    """Whole days by the branch's clocks: from the beginning of the first to the end of the last one."""
    first, last = today, today
    if word == "weekend":
        first = today + timedelta(days=max(0, 5 - today.weekday()))
        last = today + timedelta(days=6 - today.weekday())
    days = {"week": 6, "month": _MONTH - 1}.get(word)
    if days is not None:
        last = today + timedelta(days=days)
    return _dates(first, None if word == "forever" else last, time_zone)


def typed_dates(text: str, today: date, time_zone: str) -> Values:
    """``01.12-15.12`` or ``15.12``; a year that is left out is the next such day's."""
    match = _RANGE.fullmatch(_tidied(text, "dates_format").casefold())
    if match is None:
        raise InvalidOffer(reason="dates_format")
    last = _day_of(match["bd"], match["bm"], match["by"], not_before=today)
    if match["ad"] is None:
        return _dates(today, last, time_zone)
    first = _day_of(match["ad"], match["am"], match["ay"], not_before=last - timedelta(days=364))
    if first > last:
        raise InvalidOffer(reason="dates")
    return _dates(first, last, time_zone)


def _dates(first: date, last: date | None, time_zone: str) -> Values:
    zone = ZoneInfo(time_zone)

    def midnight(day: date) -> str:
        return datetime.combine(day, time(), zone).astimezone(UTC).isoformat()

    return {"starts": midnight(first), "ends": midnight(last + timedelta(days=1)) if last else None}


def _day_of(day: str, month: str, year: str | None, *, not_before: date) -> date:
    years = (
        [not_before.year, not_before.year + 1] if year is None else [int(year) + (2000 if len(year) == 2 else 0)]
    )
    for each in years:
        try:
            found = date(each, int(month), int(day))
        except ValueError:
            continue
        if year is not None or found >= not_before:
            return found
    raise InvalidOffer(reason="dates_format")


def typed_hours(text: str) -> Values:
    """``9-12``, ``22:00-02:00``."""
    match = _HOURS.fullmatch(_tidied(text, "hours").casefold())
    if match is None:
        raise InvalidOffer(reason="hours")
    ends = [int(match[f"{end}h"]) * 60 + int(match[f"{end}m"] or 0) for end in "ab"]
    if any(int(match[f"{end}m"] or 0) > 59 for end in "ab") or max(ends) > DAY or ends[0] == DAY:
        raise InvalidOffer(reason="hours")
    since, until = ends[0], ends[1] % DAY
    if since == until:
        raise InvalidOffer(reason="hours")
    return {"hours": [since, until]}


def typed(field: str, text: str, values: Values, today: date, time_zone: str) -> Values:
    """What was typed for a field, as changes of the draft."""
    if field == "dates":
        return typed_dates(text, today, time_zone)
    if field == "hours":
        return typed_hours(text)
    if field == "amount":
        benefit = Benefit(values["benefit"])
        return {"amount": _number(_UNIT.sub("", text), benefit.value, *BOUNDS[benefit])}
    if field == "minimum":
        return {"minimum": _number(_UNIT.sub("", text), "minimum", *MIN_PURCHASE)}
    if field in ("total", "each", "whole"):
        return {field: _count(text, "limit", MOST_USES)}
    if field == "codes":
        own = read_code(text)
        if own is None and _tidied(text, "code").isdigit():
            return {"own": None, "count": _count(text, "count", MOST_CODES)}
        if own is None:
            raise InvalidOffer(reason="code", low=OWN_LENGTH[0], high=OWN_LENGTH[1])
        return {"own": own, "count": 1, "total": None}
    return {"name": _name(text)}


def pressed(field: str, word: str, values: Values, today: date, time_zone: str) -> Values:
    """What was pressed for a field, as changes of the draft."""
    if field == "dates" and word in QUICK:
        return quick_dates(word, today, time_zone)
    if field in LISTS:
        kept = [] if word == "none" else sorted(set(values[field]) ^ {int(word)})
        return {field: kept}
    if field == "first":
        return {"first": not values["first"]}
    if field == "hours":
        return {"hours": None}
    if field == "benefit":
        return {"benefit": Benefit(word).value, "amount": None}
    if field == "codes":
        return {"own": None, "count": int(word)}
    if word == "none":
        return {field: None}
    return typed(field, _as_typed(field, word, values), values, today, time_zone)


def _as_typed(field: str, word: str, values: Values) -> str:
    """Buttons carry hundredths where people type a number."""
    if field in ("amount", "minimum"):
        return f"{int(word) // 100}.{int(word) % 100:02}"
    return word


def _number(text: str, reason: str, low: int, high: int) -> int:
    try:
        return parse_hundredths(text, low=low, high=high)
    except InvalidAmount as error:
        raise InvalidOffer(reason=reason, low=low, high=high) from error


def _count(text: str, reason: str, high: int) -> int:
    try:
        found = parse_hundredths(text, low=100, high=high * 100)
    except InvalidAmount as error:
        raise InvalidOffer(reason=reason, low=1, high=high) from error
    if found % 100:
        raise InvalidOffer(reason=reason, low=1, high=high)
    return found // 100


def _name(text: str) -> str:
    try:
        return parse_name(text)
    except InputError as error:
        raise InvalidOffer(reason="name", low=1, high=NAME_LENGTH) from error


def _tidied(text: str, reason: str) -> str:
    try:
        return tidy(text, 64)
    except InputError as error:
        raise InvalidOffer(reason=reason, low=OWN_LENGTH[0], high=OWN_LENGTH[1]) from error
