"""A registration is answered the same however often its proof is used."""

import pytest

from core.actors import Visitor
from core.domain.errors import ProofStale
from core.services import Services
from tests.conftest import ManualClock, enrol

ANNA, BORIS = Visitor(1, "ru"), Visitor(2, "ru")


async def test_a_new_customer_is_answered_the_same(core: Services, clock: ManualClock) -> None:
    await core.programmes.change({"welcome_points": 100_00})
    inviter = await enrol(core, 9, "79000000009")
    code = (await core.referrals.invitation(await core.identification.customer(9, "ru"))).promo_code
    proof = await core.registrations.accept_contact(ANNA, 1, "79000000001", key="a")
    first = await core.registrations.finish(ANNA, proof.proof_id, messages=True, referral_code=code)
    assert (first.is_new, first.welcome_points, first.balance, first.invited) == (True, 100_00, 100_00, True)
    clock.forward(hours=3)
    again = await core.registrations.finish(ANNA, proof.proof_id, messages=False)
    assert again == first
    assert first.customer_id != inviter


async def test_a_known_customer_is_answered_the_same(core: Services, clock: ManualClock) -> None:
    await core.programmes.change({"welcome_points": 100_00})
    await enrol(core, 9, "79000000001")
    clock.forward(days=1)
    proof = await core.registrations.accept_contact(ANNA, 1, "79000000001", key="a")
    first = await core.registrations.finish(ANNA, proof.proof_id, messages=True)
    assert (first.is_new, first.welcome_points) == (False, 0)
    assert await core.registrations.finish(ANNA, proof.proof_id, messages=True) == first


async def test_a_proof_is_its_owners_alone(core: Services) -> None:
    proof = await core.registrations.accept_contact(ANNA, 1, "79000000001", key="a")
    await core.registrations.finish(ANNA, proof.proof_id, messages=True)
    await enrol(core, 2, "79000000002")
    with pytest.raises(ProofStale):
        await core.registrations.finish(BORIS, proof.proof_id, messages=True)
