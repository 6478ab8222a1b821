"""What the owner has to see to reaches them in the staff bot, and that it is over as well."""

from datetime import timedelta

import pytest

from bot.sms_tasks import SmsTasks
from core.domain.people import Role
from core.services import Services
from core.store import outbox
from core.store.sql import fetch
from simulator import Fault
from sms.failover import as_failover
from tests.bots.till_kit import Counter, counter
from tests.bots.world import simulated_sms
from tests.conftest import ManualClock, enrol
from tests.jobs.kit import until

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def code_by_sms(clock: ManualClock, number: int) -> None:
    """A link that goes by SMS, as urgent as a code."""
    draft = outbox.Draft(
        topic="registration", channel="sms", phone=f"7900000000{number}", template="sms/registration_link",
        language="ru", dedupe_key=f"link:{number}", priority=0, data={"link": "https://t.me/x", "merchant": ""},
    )  # fmt: skip
    await outbox.enqueue([draft], clock.now())


async def becomes(clock: ManualClock, key: str, states: set[str]) -> None:
    """Time passes until a message has come to one of these states."""

    async def there() -> bool:
        row = (await fetch("SELECT state FROM message WHERE dedupe_key = $1", key))[0]
        if row["state"] == "queued":
            clock.forward(seconds=2)
        return row["state"] in states

    await until(there)


async def gateway(at: Counter, clock: ManualClock) -> None:
    down = at.bots.world.faults.add(Fault(where="sms", kind="429"))
    await code_by_sms(clock, 1)
    await becomes(clock, "link:1", {"failed"})
    await at.sees("SMS-шлюз не работает")
    at.bots.world.faults.remove(down)
    await code_by_sms(clock, 2)
    await becomes(clock, "link:2", {"sent"})
    await at.sees("SMS снова отправляются")


async def money(at: Counter, core: Services, clock: ManualClock) -> None:
    await core.programmes.change({"sms_low_balance": 300_00})
    sms = as_failover(simulated_sms(at.bots.simulator))
    at.bots.simulator.world.sms_box.balance = 250.0
    await SmsTasks(core, sms).ask_balances(clock.now())
    assert "250,00" in await at.sees("На счёте SMS-шлюза мало денег")
    at.bots.simulator.world.sms_box.balance = 2500.0
    await SmsTasks(core, sms).ask_balances(clock.now())
    await at.sees("Денег на SMS снова хватает")
    await sms.close()


async def queue(at: Counter, core: Services, clock: ManualClock) -> None:
    stuck = outbox.Draft(
        topic="till", channel="telegram", bot="of nobody", chat_id=1, template="notice/receipt", language="ru",
        dedupe_key="stuck", priority=10,
    )  # fmt: skip
    await outbox.enqueue([stuck], clock.now() - timedelta(minutes=4))
    await core.alerts.watch(clock.now())
    clock.forward(minutes=2)
    await core.alerts.watch(clock.now())
    assert "Самое старое ждёт: 6 мин." in await at.sees("Сообщения задерживаются")
    await fetch("UPDATE message SET state = 'sent' WHERE dedupe_key = 'stuck'")
    await core.alerts.watch(clock.now())
    await at.sees("Сообщения снова уходят вовремя")


async def ledger(at: Counter, core: Services, clock: ManualClock) -> None:
    await fetch("UPDATE customer SET purchases = purchases + 1")
    await core.nightly_check.run(clock.now())
    assert "customer_counters" in await at.sees("Ночная проверка нашла расхождения")
    await fetch("UPDATE customer SET purchases = purchases - 1")
    await core.nightly_check.run(clock.now())
    await at.sees("Ночная проверка счетов: всё сходится")


async def test_the_owner_hears_of_what_goes_wrong_and_that_it_is_over(core: Services, clock: ManualClock) -> None:
    await enrol(core, 77)
    async with counter(core, role=Role.OWNER) as at:
        await gateway(at, clock)
        await money(at, core, clock)
        await queue(at, core, clock)
        await ledger(at, core, clock)
        texts = [each.text for each in at.messages]
        assert sum("не работает" in text for text in texts) == 1
        assert sum("задерживаются" in text for text in texts) == 1
