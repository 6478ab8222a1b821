"""How many statements a verb costs: exact, so it is tested and not only measured."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import pytest_asyncio
from tortoise.connection import get_connection

from core.actors import StaffActor
from core.services import Services
from tests.conftest import enrol
from tests.core.kit import actor_of, buy, fresh_key

Counter = Callable[[Callable[[], Awaitable[Any]]], Awaitable[list[str]]]
METHODS = ("execute_query", "execute_query_dict", "execute_insert", "execute_many", "execute_script")


@contextmanager
def counting(kind: type, statements: list[str], patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Note every statement that passes Tortoise's client, in a transaction or outside one."""
    with patch.context() as inner:
        for name in METHODS:
            original = getattr(kind, name)

            def noted(self: Any, query: str, *more: Any, _original: Any = original) -> Any:
                statements.append(query)
                return _original(self, query, *more)

            inner.setattr(kind, name, noted)
        yield


@pytest_asyncio.fixture
async def statements_of(core: Services, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Counter]:
    async def count(verb: Callable[[], Awaitable[Any]]) -> list[str]:
        found: list[str] = []
        # Both the plain and the transactional client inherit these methods from the dialect's own.
        base = next(kind for kind in type(get_connection("default")).__mro__[1:] if "execute_query" in vars(kind))
        with counting(base, found, monkeypatch):
            await verb()
        return found

    yield count


def told(what: str, found: list[str], most: int) -> None:
    print(f"{what}: {len(found)} statements (at most {most})")  # noqa: T201 - pytest -rP shows it
    assert 0 < len(found) <= most, "\n".join(found)


async def test_opening_a_balance(core: Services, cashier: StaffActor, statements_of: Counter) -> None:
    customer = await enrol(core, 1)
    for _ in range(5):
        await buy(core, cashier, customer, 1_000_00)
    told("opening a balance", await statements_of(lambda: core.balances.open(actor_of(customer))), 3)


@pytest.mark.parametrize("lots", [1, 4])
async def test_committing_a_sale_with_redemption(
    core: Services, cashier: StaffActor, statements_of: Counter, lots: int
) -> None:
    customer = await enrol(core, 1)
    for _ in range(lots):
        await buy(core, cashier, customer, 4_000_00 // lots)
    sale = await core.till.open_sale(cashier, customer, 600_00, key=fresh_key())
    await core.till.remember_message(sale.purchase_id, 5, 6)
    await core.redemption.spend(cashier, sale.purchase_id, 200_00, key=fresh_key())
    confirmed = await statements_of(lambda: core.redemption.confirm(actor_of(customer), sale.purchase_id))
    told("confirming a sale with points", confirmed, 12)

    await core.programmes.change({"confirm_redemption": False})
    sale = await core.till.open_sale(cashier, customer, 600_00, key=fresh_key())
    spent = await statements_of(lambda: core.redemption.spend(cashier, sale.purchase_id, 5_00, key=fresh_key()))
    told("spending points at once", spent, 12)


async def test_the_other_steps_of_a_sale(core: Services, cashier: StaffActor, statements_of: Counter) -> None:
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 1_000_00)
    told("a customer's panel", await statements_of(lambda: core.identification.panel(cashier, customer)), 1)
    quoting = await statements_of(lambda: core.till.open_sale(cashier, customer, 100_00, key="quote"))
    told("a quote", quoting, 8)
    sale = await core.till.open_sale(cashier, customer, 100_00, key="quote")
    told("a sale without points", await statements_of(lambda: core.till.accrue(cashier, sale.purchase_id)), 9)
    told("who is it", await statements_of(lambda: core.identification.customer(1, "ru")), 1)
    told("who works here", await statements_of(lambda: core.staff.identify(cashier.telegram_id, "ru")), 1)
