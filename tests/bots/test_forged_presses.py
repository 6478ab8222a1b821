"""Forged, mutated, replayed and foreign presses: no effect, no exception, and each is answered.

10 000 of them; ``FORGED_PRESSES`` in the environment asks for another number.
"""

import itertools
import os
import random
import re

import pytest

from core.domain.people import Role
from core.store.sql import fetch
from tests.bots import recording as send
from tests.bots.authorisation_actors import Who
from tests.bots.authorisation_table import CUSTOMER, STAFF
from tests.bots.estate import ACCOUNTS, Estate, changed, line_of, prepare
from tests.bots.forgeries import EDGES, NUMBERS, fitted, forged
from tests.bots.recording import LIVE_MESSAGE, Line
from tests.conftest import enrol, hire

PRESSES = int(os.environ.get("FORGED_PRESSES", "10000"))
ATTACKERS = [
    ("staff", Who.STRANGER),
    ("staff", Who.CASHIER_ELSEWHERE),
    ("staff", Who.DISMISSED),
    ("customer", Who.VISITOR),
    ("customer", Who.OTHER),
]
LOOK_EVERY = 100
REPLAYED = 0.1
OWN_RIGHT = ("press g:delete_sure",)
"""What anybody may do to themselves, and what then changes rows that look like other people's."""
SEED = 20260302


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("bot", "who"), ATTACKERS)
async def test_forged_presses_do_nothing(core, clock, database_url, bot, who):
    estate = await prepare(core, clock, database_url)
    await fetch("PRAGMA synchronous = OFF")
    attack = Attack(line_of(bot, core, {}), estate, who, random.Random(SEED))
    presses = forged(genuine(estate.values), SEED + ATTACKERS.index((bot, who)))
    own = their_own(who)
    presses = (data for data in presses if head_of(data) not in own)
    before = attack.look()
    for start in range(0, PRESSES // len(ATTACKERS), LOOK_EVERY):
        tried = list(itertools.islice(presses, min(LOOK_EVERY, PRESSES // len(ATTACKERS) - start)))
        for data in tried:
            await attack.press(data)
        assert not attack.faults, attack.faults
        done = changed(before, attack.look())
        assert not done, f"{who} changed {done} by one of {tried!r}"


def genuine(values: dict[str, object]) -> list[str]:
    """The data of all buttons of both bots, on other people's things."""
    sends = [row.send for row in CUSTOMER + STAFF if row.send.startswith("press ") and row.send not in OWN_RIGHT]
    return sorted({each.removeprefix("press ").format(**values) for each in sends})


def head_of(data: str) -> tuple[str, ...]:
    """What a button does, without what it does it to."""
    return tuple(data.split(":")[:2])


def their_own(who: Who) -> set[tuple[str, ...]]:
    """What changes something and is the actor's own business: customers belong to all branches."""
    return {
        head_of(row.send.removeprefix("press "))
        for row in CUSTOMER + STAFF
        if row.changes and row.send.startswith("press ") and who in row.may and who is Who.CASHIER_ELSEWHERE
    }


class Attack:
    """One actor pressing what was never shown to them."""

    def __init__(self, line: Line, estate: Estate, who: Who, dice: random.Random) -> None:
        self.faults: list[str] = []
        self._line, self._estate, self._dice = line, estate, dice
        self._account = ACCOUNTS[who]
        self._customer = estate.values["other"] if who is Who.OTHER else None
        self._numbers = itertools.count(1)
        self._last = 0

    def look(self) -> dict[str, frozenset[str]]:
        """Everything in the database but the actor's own language, consents and shown code."""
        return self._estate.not_of(self._account, self._customer)

    async def press(self, data: str) -> None:
        """Press, now and then by an update that was delivered before or under another message."""
        again = self._last and self._dice.random() < REPLAYED
        self._last = self._last if again else next(self._numbers)
        at = self._dice.choice((LIVE_MESSAGE, LIVE_MESSAGE, 1000, 1001))
        sent = send.press(self._account, data, query_id=f"q{data!r}", at=at)
        try:
            reply = await self._line.take(sent, update_id=self._last)
        except Exception as error:
            self.faults.append(f"{data!r} raised {error!r}")
            return
        if not reply.answered:
            self.faults.append(f"{data!r} was not answered")
        told = [secret for secret in self._estate.secrets if secret in reply.said]
        if told and self._account != ACCOUNTS[Who.CASHIER_ELSEWHERE]:
            self.faults.append(f"{data!r} told {told}")


@pytest.mark.parametrize("bot", ["staff", "customer"])
async def test_no_number_in_a_button_is_too_much_for_the_database(core, bot):
    """By those who may do everything, so that the numbers come as far as they can."""
    await hire(core, 1, Role.OWNER)
    await enrol(core, 2)
    rows, account, pages = (
        (STAFF, 1, ["m:list:{}:", "p:history:1:{}"]) if bot == "staff" else (CUSTOMER, 2, ["h:{}"])
    )
    sends = {row.send.removeprefix("press ") for row in rows if row.send.startswith("press ")}
    patterns = sorted({re.sub(r"{\w+}", "{}", data) for data in sends if "{" in data} | set(pages))
    line = line_of(bot, core, {})
    # Each button meets every edge, and in its turn some of what is no number at all.
    others = itertools.cycle(number for number in NUMBERS if number not in EDGES)
    tried = [(pattern, [*EDGES, next(others), next(others)]) for pattern in patterns]
    for pattern, number in ((pattern, number) for pattern, numbers in tried for number in numbers):
        data = fitted(pattern.replace("{}", number))
        reply = await line.take(send.press(account, data))
        assert reply.answered, data


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_press_outside_a_private_chat_is_answered_by_nothing(core, clock, database_url):
    estate = await prepare(core, clock, database_url)
    before = estate.read()
    for bot, who in (("staff", Who.OWNER), ("customer", Who.CUSTOMER)):
        line = line_of(bot, core, {})
        for data in genuine(estate.values):
            in_group = send.press(ACCOUNTS[who], data)
            in_group["callback_query"]["message"]["chat"] = {"id": -100, "type": "supergroup", "title": "Sample"}
            inline = send.press(ACCOUNTS[who], data)
            inline["callback_query"] |= {"message": None, "inline_message_id": "1"}
            for sent in (in_group, inline):
                reply = await line.take(sent)
                assert (reply.answered, reply.said) == (True, ""), data
    assert not changed(before, estate.read())
