"""Segments: the statement that counts people against a plain filter, on both databases."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.actors import StaffActor
from core.domain.campaigns import SpanUnclear
from core.domain.errors import InvalidSetting
from core.domain.segments import CLASSES, Rfm, Segment, Span, from_json, money_bounds, to_json, with_condition
from core.services import Services
from core.store import segments
from core.store.sql import fetch
from core.store.transactions import run_in_transaction

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEVELS = ("", "Серебро", "Gold'; DROP TABLE customer; --")
CATEGORIES = ("VIP", "Потерянные", '"); --')
PEOPLE = 120


@dataclass(frozen=True)
class Known:
    """A customer as the filter knows them."""

    level: str | None
    importance: str | None
    categories: tuple[str, ...]
    branch: int
    bought_in: int | None
    bought_at: datetime | None
    purchases: int
    sold: int
    points: int
    birthday: date | None
    chat: bool
    blocked: bool
    phone: bool
    telegram_offers: bool
    sms_offers: bool
    language: str
    active: bool


def _known(random: Random, branches: list[int]) -> Known:
    purchases = random.choice((0, 1, 2, 4, 5, 9))
    ago = timedelta(days=random.choice((0, 29, 30, 31, 90, 91, 400)), seconds=random.choice((0, 1, 86_399)))
    return Known(
        level=random.choice(LEVELS) or None,
        importance=random.choice(CLASSES) or None,
        categories=tuple(name for name in CATEGORIES if random.random() < 0.3),
        branch=random.choice(branches),
        bought_in=random.choice((None, None, *branches)),
        bought_at=NOW - ago if purchases else None,
        purchases=purchases,
        sold=random.choice((100, 50_000, 99_999, 100_000, 400_000)) * bool(purchases),
        points=random.choice((0, 0, 1, 100_00, 300_00)),
        birthday=random.choice((None, date(1990, random.randint(1, 12), 28), date(2000, 2, 29))),
        chat=random.random() < 0.7,
        blocked=random.random() < 0.2,
        phone=random.random() < 0.9,
        telegram_offers=random.random() < 0.8,
        sms_offers=random.random() < 0.5,
        language=random.choice(("ru", "ru", "en")),
        active=random.random() < 0.95,
    )


def matches(segment: Segment, it: Known, branch: int | None) -> bool:
    """The filter, condition by condition, as the words of domain/segments say."""
    ago = None if it.bought_at is None else (NOW - it.bought_at) // timedelta(days=1)
    asked = [
        it.active,
        branch is None or branch in (it.branch, it.bought_in),
        not segment.levels or (it.level or "") in segment.levels,
        not segment.classes or (it.importance or "") in segment.classes,
        not segment.categories or bool(set(it.categories) & set(segment.categories)),
        not segment.branches or bool({it.branch, it.bought_in} & set(segment.branches)),
        segment.bought is None or (ago is not None and ago in segment.bought),
        segment.purchases is None or it.purchases in segment.purchases,
        segment.sold is None or it.sold in segment.sold,
        segment.balance is None or it.points in segment.balance,
        not segment.birthday_months or (it.birthday and it.birthday.month) in segment.birthday_months,
        segment.telegram is None or (it.chat and not it.blocked) == segment.telegram,
        not segment.languages or it.language in segment.languages,
    ]
    rfm = segment.rfm
    if rfm is not None:
        asked += [
            it.purchases > 0,
            not rfm.recency or any(ago is not None and ago in span for span in rfm.days),
            not rfm.frequency or any(it.purchases in span for span in rfm.purchases),
            not rfm.money or any(it.sold in span for span in rfm.sums),
        ]
    return all(asked)


@pytest.fixture
async def people(core: Services, cashier: StaffActor) -> list[Known]:
    """Customers of two branches, with ids from 1 on."""
    await fetch("INSERT INTO branch (name, time_zone, is_open, created_at) VALUES ('b', 'UTC', true, $1)", NOW)
    branches = [row["id"] for row in await fetch("SELECT id FROM branch ORDER BY id")]
    random = Random(7)
    found = [_known(random, branches) for _ in range(PEOPLE)]

    async def work() -> None:
        for number, it in enumerate(found, 1):
            await _write(number, it)
            if it.bought_in is not None:
                await _buy(number, it.bought_in, cashier.id)

    await run_in_transaction(work)
    return found


async def _buy(number: int, branch: int, member: int) -> None:
    """A purchase in the branch; one in the other branch was cancelled and says nothing."""
    for status in ("completed", "cancelled"):
        await fetch(
            "INSERT INTO purchase (status, customer_id, branch_id, staff_member_id, programme_version_id, "
            "subtotal, discount, points, points_worth, points_limit, payable, accrual_base, accrual, quoted_at, "
            "created_at, "
            "request_key, input_hash) VALUES ($1, $2, $3, $4, 1, 100, 0, 0, 0, 0, 100, 0, 0, $5, $5, $6, 'x')",
            *(status, number, branch if status == "completed" else 3 - branch, member, NOW, f"{status}:{number}"),
        )


async def _write(number: int, it: Known) -> None:
    await fetch(
        "INSERT INTO customer (id, phone, name_key, birthday, language, status, promo_code, debt, purchases, "
        "sold, paid, last_purchase_at, level, importance, branch_id, created_at) "
        "VALUES ($1, $2, '', $3, $4, $5, $6, 0, $7, $8, $8, $9, $10, $11, $12, $13)",
        number,
        f"7900{number:07d}" if it.phone else None,
        it.birthday,
        it.language,
        "active" if it.active else "erased",
        f"P{number}",
        it.purchases,
        it.sold,
        it.bought_at,
        it.level,
        it.importance,
        it.branch,
        NOW,
    )
    for channel, granted in (("telegram", it.telegram_offers), ("sms", it.sms_offers)):
        for said in (not granted, granted):
            await fetch(
                "INSERT INTO consent (customer_id, topic, channel, granted, text_version, source, created_at) "
                "VALUES ($1, 'offers', $2, $3, '1', 'bot', $4)",
                *(number, channel, said, NOW),
            )
    if it.chat:
        await fetch(
            "INSERT INTO telegram_identity (bot, telegram_id, customer_id, blocked_at, created_at) "
            "VALUES ('customer', $1, $1, $2, $3)",
            *(number, NOW if it.blocked else None, NOW),
        )
    for name in it.categories:
        await fetch(
            "INSERT INTO customer_category (customer_id, name, source, created_at) VALUES ($1, $2, 'hand', $3)",
            *(number, name, NOW),
        )
    await _grant(number, it.points, NOW)
    if it.points:  # neither counts: one is not active yet, one has expired
        await _grant(number, 5, NOW + timedelta(seconds=1))
        await _grant(number, 7, NOW, NOW)


async def _grant(number: int, points: int, activates: datetime, expires: datetime | None = None) -> None:
    if not points:
        return
    made = await fetch(
        "INSERT INTO ledger_entry (customer_id, kind, points, debt_change, request_key, input_hash, created_at) "
        "VALUES ($1, 'gift', $2, 0, $3, 'x', $4) RETURNING id",
        *(number, points, f"{number}:{points}", NOW - timedelta(days=9)),
    )
    await fetch(
        "INSERT INTO lot (customer_id, entry_id, granted, remaining, activates_at, expires_at, created_at) "
        "VALUES ($1, $2, $3, $3, $4, $5, $6)",
        *(number, made[0]["id"], points, activates, expires, NOW - timedelta(days=9)),
    )


def some(values: tuple[object, ...]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


def spans(*edges: int) -> st.SearchStrategy[Span | None]:
    sides = st.tuples(st.none() | st.sampled_from(edges), st.none() | st.sampled_from(edges))
    return st.none() | sides.filter(lambda it: it != (None, None)).map(lambda it: Span(*_rising(it)))


def _rising(sides: tuple[int | None, int | None]) -> tuple[int | None, int | None]:
    low, high = sides
    return (high, low) if low is not None and high is not None and low > high else (low, high)


scores = some((3, 2, 1))
SEGMENTS = st.builds(
    Segment,
    levels=some(LEVELS),
    classes=some(CLASSES),
    categories=some(CATEGORIES),
    branches=some((1, 2)),
    bought=spans(0, 29, 30, 90, 400),
    purchases=spans(0, 1, 2, 5),
    sold=spans(0, 100, 100_000),
    balance=spans(0, 1, 100_00, 299_99),
    birthday_months=some((2, 3, 12)),
    telegram=st.sampled_from((None, True, False)),
    languages=some(("ru", "en")),
    rfm=st.none() | st.builds(Rfm, scores, scores, scores, st.just((50_000, 200_000))),
)
"""All conditions at once leave nobody, so most of them are taken out again."""


@st.composite
def loose_segments(draw: st.DrawFn) -> Segment:
    whole = draw(SEGMENTS)
    kept = draw(st.sets(st.sampled_from(Segment.__slots__), max_size=3))
    return Segment(**{name: getattr(whole, name) for name in kept})


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(segment=loose_segments(), branch=st.sampled_from((None, 1)))
async def test_the_statement_finds_whom_the_filter_finds(
    people: list[Known], segment: Segment, branch: int | None
) -> None:
    segment = from_json(to_json(segment))
    among = [it for it in people if matches(segment, it, branch)]
    telegram = [it for it in among if it.chat and not it.blocked and it.telegram_offers]
    sms = [it for it in among if it not in telegram and it.phone and it.sms_offers]
    found = await segments.count(segment, branch, NOW, segments.Ways(telegram=True, sms=True))
    assert (found.people, found.telegram, found.sms) == (len(among), len(telegram), len(sms))


@pytest.mark.parametrize("name", Segment.__slots__)
def test_a_condition_is_set_and_left_out(name: str) -> None:
    values = {"telegram": False, "rfm": Rfm(recency=(3,))} | dict.fromkeys(
        ("bought", "purchases", "sold", "balance"), Span(1, 2)
    )
    value = values.get(name, (1,))
    kept = with_condition(Segment(), name, value)
    assert kept.conditions == (name,)
    assert from_json(to_json(kept)) == kept
    assert with_condition(kept, name, None) == Segment()


def test_what_is_no_condition_is_refused() -> None:
    for name, value in (
        ("bought", Span(5, 1)),
        ("bought", Span(None, None)),
        ("sold", Span(-1, None)),
        ("x", (1,)),
    ):
        with pytest.raises((SpanUnclear, InvalidSetting)):
            with_condition(Segment(), name, value)
    with pytest.raises(ValueError, match="unknown conditions"):
        from_json({"newer": [1]})


def test_middling_and_large_sums_follow_the_average() -> None:
    assert money_bounds(300_000, 3) == (50_000, 200_000)
    assert money_bounds(0, 0) == (1, 2)
