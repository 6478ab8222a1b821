"""Guessing and pressing in masses: what is limited stays limited, to the last one."""

import asyncio
import dataclasses
import os
import random
import string
from datetime import timedelta

import pytest

from core.actors import StaffActor, Visitor
from core.deps import CodePolicy, Deps
from core.domain.errors import CodeExhausted, CodeWrong, InviteInvalid, LoyaltyError, ResendTooSoon
from core.domain.people import Role
from core.keyring import new_token
from core.services import Services
from core.store.sql import fetch
from core.store.transactions import StoreUnavailable, run_in_transaction
from core.verification import CodeSent
from tests.conftest import ManualClock
from tests.core.kit import one, sent_code
from tests.core.test_verification import ask, check

GUESSES = 100_000
TRIED = int(os.environ.get("TRIED_INVITES", "3500"))
"""How many of the guesses are tried by following them; of the others only the hash is looked for."""
LETTERS = string.ascii_letters + string.digits + "-_"


def near(token: str) -> list[str]:
    """Every token that differs in one place, and others that a careless comparison would take for it."""
    spots = range(len(token))
    other = [token[:at] + letter + token[at + 1 :] for at in spots for letter in LETTERS if letter != token[at]]
    cut = [token[:at] for at in spots] + [token[at:] for at in spots if at]
    return [*other, *cut, token.swapcase(), f"{token}=", f" {token}", f"{token}\n", token[::-1], f"join_{token}"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_no_invitation_is_guessed(core: Services, clock: ManualClock) -> None:
    links = [(await core.staff.invite(None, Role.OWNER)).link for _ in range(4)]
    live, old, used, withdrawn = (link.rpartition("join_")[2] for link in links)
    await fetch("UPDATE staff_invite SET expires_at = $1 WHERE id = 2", clock.now())
    await core.staff.join(Visitor(1, "ru"), used, "A")
    await fetch("DELETE FROM staff_invite WHERE id = 4")
    guesses = [old, used, withdrawn, *near(live), *near(used)]
    guesses += [new_token() for _ in range(GUESSES - len(guesses))]
    assert live not in guesses
    stored = {row["token_hash"] for row in await fetch("SELECT token_hash FROM staff_invite WHERE id = 1")}
    assert len(stored) == 1
    assert not stored & {core.deps.keys.hash("invite", guess) for guess in guesses}

    async def follow() -> None:
        for guess in guesses[:TRIED]:
            with pytest.raises(InviteInvalid):
                await core.staff.join(Visitor(2, "ru"), guess, "B")

    await run_in_transaction(follow)  # in one transaction, for the sake of speed alone
    assert await one("SELECT count(*) FROM staff_member") == 1
    assert (await core.staff.join(Visitor(2, "ru"), live, "B")).role is Role.OWNER


async def test_an_invitation_followed_by_64_at_once_takes_one(core: Services) -> None:
    token = (await core.staff.invite(None, Role.CASHIER)).link.rpartition("join_")[2]
    joins = [core.staff.join(Visitor(100 + n, "ru"), token, f"N{n}") for n in range(64)]
    outcomes = await asyncio.gather(*joins, return_exceptions=True)
    assert sum(isinstance(outcome, StaffActor) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, InviteInvalid) for outcome in outcomes) == 63
    assert await one("SELECT count(*) FROM staff_member") == 1
    assert await one("SELECT count(*) FROM telegram_identity") == 1


async def test_10_000_parallel_guesses_of_a_code_are_compared_thrice_at_most(core: Services) -> None:
    """All codes of four digits at once, the right one among them."""
    digits = await sent_code(core, (await ask(core)).code_id)
    guesses = [f"{number:04}" for number in range(10_000)]
    random.shuffle(guesses)
    assert digits in guesses
    outcomes = await asyncio.gather(*(check(core, guess) for guess in guesses), return_exceptions=True)
    busy = [outcome for outcome in outcomes if not isinstance(outcome, int | LoyaltyError)]
    assert all(isinstance(outcome, TimeoutError | StoreUnavailable) for outcome in busy), busy[0]
    (code,) = await fetch("SELECT tries_left, used_at FROM verification_code")
    compared = [outcome for outcome in outcomes if isinstance(outcome, int | CodeWrong)]
    assert len(compared) <= 3
    if code["used_at"] is None:  # as good as always
        assert code["tries_left"] == 0
        with pytest.raises(CodeExhausted):
            await check(core, digits)


async def test_100_parallel_requests_within_the_pause_send_one(core: Services, deps: Deps) -> None:
    usual = Services.of(dataclasses.replace(deps, codes=CodePolicy(resend_pause=timedelta(seconds=60))))
    outcomes = await asyncio.gather(*(ask(usual) for _ in range(100)), return_exceptions=True)
    assert sum(isinstance(outcome, CodeSent) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, ResendTooSoon) for outcome in outcomes) == 99
    assert await one("SELECT count(*) FROM message WHERE topic = 'code'") == 1
