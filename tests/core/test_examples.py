"""What previews and the help are made from: a customer's real last purchase, and which offers are on."""

from core.domain.people import Role
from core.domain.promotions import Benefit
from core.services import Services
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import buy
from tests.core.offers_kit import issue, promote


async def test_an_example_is_the_last_purchase_as_it_was_told(core: Services, clock: ManualClock) -> None:
    owner, customer = await hire(core, 2, Role.OWNER), await enrol(core, 1)
    assert (await core.texts.example(owner)).receipt == {}
    await buy(core, owner, customer, 100_00)
    clock.forward(days=1)
    await promote(core, owner, Benefit.PERCENT, 1000)
    await buy(core, owner, customer, 300_00)
    found = await core.texts.example(owner)
    assert (found.data["subtotal"], found.data["completed_at"]) == (300_00, clock.now())
    figures = {name: found.receipt[name] for name in ("discount", "payable", "discount_by", "gift")}
    assert figures == {"discount": 30_00, "payable": 270_00, "discount_by": "percent 1000", "gift": 0}


async def test_which_kinds_of_offers_are_on(core: Services, clock: ManualClock) -> None:
    owner = await hire(core, 2, Role.OWNER)
    assert await core.promotions.kinds_on() == (False, False)
    await promote(core, owner, Benefit.PERCENT, 1000)
    assert await core.promotions.kinds_on() == (True, False)
    await issue(core, owner, Benefit.PERCENT, 1000)
    assert await core.promotions.kinds_on() == (True, True)
    clock.forward(days=8)
    assert await core.promotions.kinds_on() == (False, False)
