"""How numbers, dates and phones look in one language. The filters of every template; no float anywhere."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal, format_percent, get_currency_symbol

NBSP = "\u00a0"
_MINUS = "\u2212"
_WHOLE = "#,##0"
_HUNDREDTHS = "#,##0.00"
_SECONDS_IN_MINUTE = 60
_MINUTES_IN_HOUR = 60


@dataclass(frozen=True, slots=True)
class Formats:
    """The filters of one language, for HTML (``plain`` is false) or for SMS.

    Money and points come as integers of hundredths, percents as basis points, moments as aware datetimes
    with the name of the zone to show them in, phones as E.164 without the plus. In HTML the parts of a
    number are joined by no-break spaces; in SMS, where one of those doubles the price, by plain ones, and
    zero kopecks are left out.
    """

    locale: Locale
    currency: str
    sign: str
    points_words: Sequence[str]
    duration_units: Mapping[str, str]
    plain: bool = False

    def money(self, amount: int, sign: bool = False) -> str:
        """150000 as ``1 500,00 ₽``; ``sign`` puts a plus before what is above zero."""
        short = self.plain and amount % 100 == 0
        return self._clean(f"{self._hundredths(amount, sign, short)}{NBSP}{self.sign}")

    def points(self, amount: int, sign: bool = False) -> str:
        """30000 as ``300 баллов``, 250 as ``2,50 балла``."""
        word = self.plural(self._countable(amount), *self.points_words)
        return self._clean(f"{self.number(amount, sign)}{NBSP}{word}")

    def number(self, amount: int, sign: bool = False) -> str:
        """Points without the word: 30000 as ``300``, 250 as ``2,50``."""
        return self._clean(self._hundredths(amount, sign, amount % 100 == 0))

    def count(self, quantity: int) -> str:
        """A plain count of things: 1500 as ``1 500``."""
        return self._clean(format_decimal(quantity, _WHOLE, locale=self.locale))

    def quantity(self, thousandths: int) -> str:
        """So many thousandths of a thing: 2000 as ``2``, 350 as ``0,35``."""
        return self._clean(format_decimal(Decimal(thousandths) / 1000, "#,##0.###", locale=self.locale))

    def plural(self, quantity: int | Decimal, *words: str) -> str:
        """The word that goes with the quantity: ``3|plural('чек', 'чека', 'чеков')`` is ``чека``.

        Three words are one, few and many (fractions take the second); two are one and other.
        """
        category = self.locale.plural_form(abs(Decimal(quantity)))
        if category == "one" or len(words) == 1:
            return words[0]
        return words[2] if category == "many" and len(words) > 2 else words[1]

    def percent(self, basis_points: int) -> str:
        """550 as ``5,5 %``."""
        return self._clean(_percent(basis_points, self.locale))

    def phone(self, e164: str) -> str:
        """79161234567 as ``+7 916 123-45-67``: for its owner only."""
        number = phonenumbers.parse(f"+{e164}")
        written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        return self._clean(written.replace(" ", NBSP))

    def masked(self, e164: str) -> str:
        """79161234567 as ``+7 916 ***-**-67``: for everybody else."""
        written = self.phone(e164)
        total = sum(c.isdigit() for c in written)
        country = len(str(phonenumbers.parse(f"+{e164}").country_code))
        shown = country + max(0, min(3, total - country - 6))
        seen = 0
        out = []
        for char in written:
            seen += char.isdigit()
            out.append("*" if char.isdigit() and shown < seen <= total - 2 else char)
        return "".join(out)

    def duration(self, seconds: int) -> str:
        """45 as ``45 с``, 61 as ``2 мин``, 3700 as ``1 ч 2 мин``: never less than has to be waited."""
        if seconds < _SECONDS_IN_MINUTE:
            return self._clean(f"{max(0, seconds)}{NBSP}{self.duration_units['seconds']}")
        hours, minutes = divmod(-(-seconds // _SECONDS_IN_MINUTE), _MINUTES_IN_HOUR)
        parts = [(hours, "hours"), (minutes, "minutes")]
        return self._clean(NBSP.join(f"{n}{NBSP}{self.duration_units[unit]}" for n, unit in parts if n))

    def day(self, at: date | datetime, tz: str | None = None, now: datetime | None = None) -> str:
        """``21 ноября``, with the year unless it is that of ``now``; a plain date without a zone keeps it."""
        day, today = _local_day(at, tz), _local_day(now, tz) if now and tz else None
        if today and day.year == today.year:
            return self._clean(format_skeleton("MMMMd", day, locale=self.locale))
        return self._clean(format_date(day, "long", locale=self.locale))

    def time(self, at: datetime, tz: str) -> str:
        """``14:05`` in the zone."""
        return self._clean(format_time(_local(at, tz), "HH:mm", locale=self.locale))

    def moment(self, at: datetime, tz: str, now: datetime | None = None) -> str:
        """``21 ноября, 14:05`` in the zone, with the year unless it is the year of ``now``."""
        return f"{self.day(at, tz, now)}, {self.time(at, tz)}"

    def filters(self) -> dict[str, Callable[..., str]]:
        """Those that need nothing but their arguments, under the names that templates use."""
        own = (self.money, self.points, self.number, self.count, self.quantity, self.plural, self.percent)
        return {m.__name__: m for m in (*own, self.phone, self.masked, self.duration, self.time)}

    def _hundredths(self, amount: int, sign: bool, whole: bool) -> str:
        digits = _digits(abs(amount), _WHOLE if whole else _HUNDREDTHS, self.locale)
        before = ("-" if self.plain else _MINUS) if amount < 0 else "+" if sign and amount else ""
        return before + digits

    def _countable(self, amount: int) -> int | Decimal:
        return amount // 100 if amount % 100 == 0 else Decimal(amount).scaleb(-2)

    def _clean(self, text: str) -> str:
        return plain_spaces(text) if self.plain else text.replace("\u202f", NBSP)


@lru_cache(maxsize=4096)
def _digits(hundredths: int, pattern: str, locale: Locale) -> str:
    """Remembered, as the same sums and balances are shown again and again."""
    return format_decimal(Decimal(hundredths).scaleb(-2), pattern, locale=locale)


@lru_cache(maxsize=512)
def _percent(basis_points: int, locale: Locale) -> str:
    pattern = locale.percent_formats[None].pattern.replace("0", "0.##", 1)
    return format_percent(Decimal(basis_points).scaleb(-4), pattern, locale=locale)


def build_formats(
    locale: Locale, currency: str, *, home: Locale, words: Mapping[str, str | list[str]], plain: bool
) -> Formats:
    """The formats of a language from its labels. ``home``, the merchant's own locale, knows the sign.

    In SMS a currency is written by a word or its ISO code: a sign like ₽ makes a Latin text Unicode, and
    old phones have no glyph for it.
    """
    sign = words.get(f"sms_currency.{currency}", currency) if plain else get_currency_symbol(currency, home)
    return Formats(
        locale=locale,
        currency=currency,
        sign=str(sign),
        points_words=tuple(words["points.words"]),
        duration_units={unit: str(words[f"duration.{unit}"]) for unit in ("seconds", "minutes", "hours")},
        plain=plain,
    )


def says_more(words: Collection[str], name: str, amount: int) -> bool:
    """Whether an offer's name says more than the sum (minor units) that stands beside it: “300,00 ₽ off” doesn't.

    ``words``, in lower case, say no more than that it is a discount.
    """
    digits = "".join(re.findall(r"\d", name))
    same = digits == str(amount) or (amount % 100 == 0 and digits == str(amount // 100))
    said = {word.casefold() for word in re.findall(r"[^\W\d_]+", name)}
    return not (same and said <= set(words))


def plain_spaces(text: str) -> str:
    """Every kind of no-break and thin space as an ordinary one."""
    return text.translate({ord(space): " " for space in "\u00a0\u2007\u2009\u200a\u202f"})


def _local(at: datetime, tz: str) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a naive datetime has no place in the product")
    return at.astimezone(ZoneInfo(tz))


def _local_day(at: date | datetime, tz: str | None) -> date:
    if not isinstance(at, datetime):
        return at
    if tz is None:
        raise ValueError("a moment is a date only in some time zone")
    return _local(at, tz).date()
