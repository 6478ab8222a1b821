"""Codes: sent within limits, compared within tries, and never readable in the database."""

import asyncio
import dataclasses
from datetime import timedelta

import pytest

from core.actors import StaffActor, Visitor
from core.deps import CodePolicy, Deps
from core.domain.errors import (
    CodeExhausted,
    CodeExpired,
    CodeLimit,
    CodeWrong,
    ContactForeign,
    ContactNotProof,
    DifferentInputs,
    ResendTooSoon,
)
from core.services import Services
from core.store.sql import fetch
from core.verification import CodeSent, Requester
from tests.conftest import ManualClock
from tests.core.kit import dump, fresh_key, one, sent_code

PHONE = "79160000001"
SUBJECT = "tg:1"


async def ask(
    core: Services, subject: str = SUBJECT, phone: str = PHONE, key: str = "", staff: int | None = None
) -> CodeSent:
    by = Requester("customer", 1, "ru", staff)
    return await core.verification.request(
        purpose="register", subject=subject, phone=phone, by=by, key=key or fresh_key("ask"), merchant="M"
    )


async def check(core: Services, digits: str, subject: str = SUBJECT, key: str = "") -> int:
    found = await core.verification.check(
        purpose="register", subject=subject, digits=digits, key=key or fresh_key("check")
    )
    return found.id


def wrong(digits: str) -> str:
    return str(int(digits) - 1 if int(digits) % 10 else int(digits) + 1)


async def test_the_right_digits_prove_the_phone_once(core: Services) -> None:
    sent = await ask(core)
    assert (sent.length, sent.lives_s, sent.resend_s) == (4, 300, 60)
    digits = await sent_code(core, sent.code_id)
    assert len(digits) == 4
    assert await check(core, digits, key="press") == sent.code_id
    assert await check(core, digits, key="press") == sent.code_id
    with pytest.raises(CodeExpired):
        await check(core, digits)


@pytest.mark.parametrize("length", [3, 8])
async def test_the_length_is_a_setting(core: Services, length: int) -> None:
    await core.programmes.change({"code_length": length})
    sent = await ask(core)
    assert sent.length == length == len(await sent_code(core, sent.code_id))


async def test_wrong_digits_use_up_the_tries(core: Services, clock: ManualClock) -> None:
    digits = await sent_code(core, (await ask(core)).code_id)
    for left in (2, 1):
        with pytest.raises(CodeWrong) as refusal:
            await check(core, wrong(digits), key=f"try:{left}")
        assert refusal.value.data == {"tries_left": left}
        with pytest.raises(CodeWrong) as again:  # the same press delivered twice costs nothing
            await check(core, wrong(digits), key=f"try:{left}")
        assert again.value.data == {"tries_left": left}
    with pytest.raises(CodeExhausted) as refusal:
        await check(core, wrong(digits))
    assert refusal.value.data == {"wait_s": 180}
    with pytest.raises(CodeExhausted):
        await check(core, digits)
    clock.forward(seconds=179)
    with pytest.raises(ResendTooSoon) as soon:
        await ask(core)
    assert soon.value.data == {"wait_s": 1}
    clock.forward(seconds=1)
    await check(core, await sent_code(core, (await ask(core)).code_id))


@pytest.mark.parametrize("garbage", ["", " ", "абвг", "1" * 10_000, "\x00", "-1", "12.4", "<b>", "👨‍👩‍👧", "١٢٣٤"])
async def test_garbage_is_a_wrong_try(core: Services, garbage: str) -> None:
    await ask(core)
    with pytest.raises(CodeWrong):
        await check(core, garbage)


async def test_a_code_lives_five_minutes(core: Services, clock: ManualClock) -> None:
    digits = await sent_code(core, (await ask(core)).code_id)
    clock.forward(minutes=5)
    with pytest.raises(CodeExpired):
        await check(core, digits)
    clock.forward(seconds=-0.001)
    await check(core, digits)


async def test_nobody_elses_digits_count(core: Services) -> None:
    digits = await sent_code(core, (await ask(core)).code_id)
    with pytest.raises(CodeExpired):
        await check(core, digits, subject="tg:2")
    with pytest.raises(CodeExpired):
        await core.verification.check(purpose="redeem", subject=SUBJECT, digits=digits, key="k")
    await check(core, digits)


async def test_a_new_code_kills_the_old_and_calls_its_message_back(core: Services, clock: ManualClock) -> None:
    first = await ask(core)
    old = await sent_code(core, first.code_id)
    with pytest.raises(ResendTooSoon) as soon:
        await ask(core)
    assert soon.value.data == {"wait_s": 60}
    clock.forward(seconds=60)
    second = await ask(core)
    row = (
        await fetch("SELECT state, reason, secret FROM message WHERE dedupe_key = $1", f"code:{first.code_id}")
    )[0]
    assert row == {"state": "suppressed", "reason": "superseded", "secret": None}
    new = await sent_code(core, second.code_id)
    if old != new:
        with pytest.raises(CodeWrong):
            await check(core, old)
    await check(core, new)


async def test_a_code_for_one_subject_leaves_anothers_alive(core: Services, clock: ManualClock) -> None:
    mine = await sent_code(core, (await ask(core)).code_id)
    clock.forward(seconds=60)
    await ask(core, subject="tg:2")
    await check(core, mine)


async def test_the_same_key_sends_once(core: Services, clock: ManualClock) -> None:
    first = await ask(core, key="update:1")
    clock.forward(seconds=20)
    again = await ask(core, key="update:1")
    assert (again.code_id, again.resend_s) == (first.code_id, 40)
    assert await one("SELECT count(*) FROM message") == 1
    with pytest.raises(DifferentInputs):
        await ask(core, key="update:1", phone="79160000002")
    assert {(await ask(core, key="update:1")).code_id for _ in range(3)} == {first.code_id}


def limited(deps: Deps, **limits: int) -> Services:
    policy = dataclasses.replace(CodePolicy(resend_pause=timedelta(0)), **limits)
    return Services.of(dataclasses.replace(deps, codes=policy))


@pytest.mark.parametrize(
    ("limits", "scope", "ways"),
    [
        ({"per_phone": 3}, "phone", lambda n: {"subject": f"tg:{n}"}),
        ({"per_visitor": 3}, "member", lambda n: {"phone": f"7916000001{n}"}),
        ({"per_member": 3}, "member", lambda n: {"subject": f"registration:{n}", "phone": f"7916000001{n}"}),
        ({"per_merchant": 3}, "merchant", lambda n: {"subject": f"tg:{n}", "phone": f"7916000001{n}"}),
    ],
    ids=["phone", "visitor", "member", "merchant"],
)
async def test_limits_of_a_day(
    core: Services, deps: Deps, cashier: StaffActor, clock: ManualClock, limits: dict[str, int], scope: str, ways
) -> None:
    tight = limited(deps, **limits)
    staff = cashier.id if "per_member" in limits else None
    for number in range(3):
        await ask(tight, staff=staff, **ways(number))
    with pytest.raises(CodeLimit) as refusal:
        await ask(tight, staff=staff, **ways(4))
    assert refusal.value.data == {"scope": scope}
    clock.forward(hours=23, minutes=59, seconds=59)
    with pytest.raises(CodeLimit):
        await ask(tight, staff=staff, **ways(4))
    clock.forward(seconds=1)
    await ask(tight, staff=staff, **ways(4))


async def test_a_landline_gets_no_code(core: Services) -> None:
    with pytest.raises(CodeLimit) as refusal:
        await ask(core, phone="74951234567")
    assert refusal.value.data == {"scope": "landline"}
    assert await one("SELECT count(*) FROM verification_code") == 0


async def test_parallel_guesses_compare_no_more_than_the_tries(core: Services) -> None:
    digits = await sent_code(core, (await ask(core)).code_id)
    guesses = [wrong(digits)] * 50
    outcomes = await asyncio.gather(*(check(core, guess) for guess in guesses), return_exceptions=True)
    kinds = [type(outcome).__name__ for outcome in outcomes]
    assert set(kinds) == {"CodeWrong", "CodeExhausted"}
    assert kinds.count("CodeWrong") == 2
    assert await one("SELECT tries_left FROM verification_code") == 0
    with pytest.raises(CodeExhausted):
        await check(core, digits)


async def test_parallel_right_digits_prove_once(core: Services) -> None:
    sent = await ask(core)
    digits = await sent_code(core, sent.code_id)
    outcomes = await asyncio.gather(*(check(core, digits) for _ in range(20)), return_exceptions=True)
    assert outcomes.count(sent.code_id) == 1
    assert sum(isinstance(outcome, CodeExpired | CodeExhausted) for outcome in outcomes) == 19


async def test_the_same_press_twice_at_once_uses_one_try(core: Services) -> None:
    digits = await sent_code(core, (await ask(core)).code_id)
    presses = [check(core, wrong(digits), key="press") for _ in range(5)]
    outcomes = await asyncio.gather(*presses, return_exceptions=True)
    assert {repr(getattr(outcome, "data", outcome)) for outcome in outcomes} == {"{'tries_left': 2}"}
    same = await asyncio.gather(*(check(core, digits, key="right") for _ in range(5)))
    assert len(set(same)) == 1


async def test_parallel_requests_send_exactly_the_limit(core: Services, deps: Deps) -> None:
    tight = limited(deps, per_phone=5)
    asked = [ask(tight, subject=f"tg:{number}") for number in range(30)]
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(outcome, CodeSent) for outcome in outcomes) == 5
    assert sum(isinstance(outcome, CodeLimit) for outcome in outcomes) == 25
    assert await one("SELECT count(*) FROM message WHERE topic = 'code'") == 5


async def test_parallel_requests_of_one_visitor_leave_one_live_code(core: Services, deps: Deps) -> None:
    tight = limited(deps, per_phone=100, per_visitor=100)
    await asyncio.gather(*(ask(tight) for _ in range(10)))
    assert await one("SELECT count(*) FROM verification_code WHERE killed_at IS NULL") == 1
    assert await one("SELECT count(*) FROM message WHERE state = 'queued'") == 1


async def test_no_code_lies_readable_in_the_database(core: Services, clock: ManualClock) -> None:
    await core.programmes.change({"code_length": 8})
    made = []
    for number in range(4):
        sent = await ask(core, subject=f"tg:{number}", phone=f"7916000001{number}")
        made.append(await sent_code(core, sent.code_id))
    await check(core, made[0], subject="tg:0")
    with pytest.raises(CodeWrong):
        await check(core, "00000000", subject="tg:1")
    whole = "\n".join((await dump()).values())
    assert "tg:3" in whole
    for digits in made:
        assert digits not in whole


async def test_ones_own_contact_is_proof_when_the_programme_says_so(core: Services) -> None:
    visitor = Visitor(5, "ru")
    for foreign in (6, None, 0):
        with pytest.raises(ContactForeign):
            await core.registrations.accept_contact(visitor, foreign, PHONE, key="c")
    proof = await core.registrations.accept_contact(visitor, 5, PHONE, key="c")
    again = await core.registrations.accept_contact(visitor, 5, PHONE, key="c")
    assert proof == again
    assert await one("SELECT count(*) FROM message") == 0
    await core.programmes.change({"contact_is_proof": False})
    with pytest.raises(ContactNotProof):
        await core.registrations.accept_contact(visitor, 5, PHONE, key="d")


async def test_a_contact_ends_a_code_that_was_asked_for(core: Services) -> None:
    sent = await ask(core, subject="tg:5")
    digits = await sent_code(core, sent.code_id)
    await core.registrations.accept_contact(Visitor(5, "ru"), 5, PHONE, key="c")
    with pytest.raises(CodeExpired):
        await check(core, digits, subject="tg:5")
    assert await one("SELECT state FROM message") == "suppressed"
