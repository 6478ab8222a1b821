"""Becoming a customer by each way, once, whatever is pressed twice or at the same time."""

import asyncio
from datetime import date

import pytest

from core.actors import CustomerActor, StaffActor, Visitor
from core.domain.errors import (
    AlreadyRegistered,
    CardTaken,
    CodeWrong,
    NotAllowed,
    ProofStale,
    RegistrationStale,
    ResendTooSoon,
)
from core.domain.people import Role
from core.enrolment import Registered
from core.services import Services
from core.store import branches
from core.store.sql import fetch
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import actor_of, fresh_key, one, promo_code, sent_code

PHONE = "79160000001"
ANNA = Visitor(11, "ru")
BORIS = Visitor(12, "en")


async def proven(core: Services, visitor: Visitor, phone: str = PHONE) -> int:
    """A proof by code."""
    sent = await core.registrations.request_code(visitor, phone, key=fresh_key("ask"))
    digits = await sent_code(core, sent.code_id)
    return (await core.registrations.check_code(visitor, digits, key=fresh_key("check"))).proof_id


async def by_contact(core: Services, visitor: Visitor, phone: str = PHONE) -> int:
    proof = await core.registrations.accept_contact(visitor, visitor.telegram_id, phone, key=fresh_key("contact"))
    return proof.proof_id


async def at_till(core: Services, cashier: StaffActor, phone: str = PHONE, **more: object) -> tuple[int, str]:
    """A questionnaire and the digits that were sent for it."""
    registration = await core.till_registrations.open_at_till(cashier, phone, **more)
    sent = await core.till_registrations.send_till_code(cashier, registration, key=fresh_key("send"))
    return registration, await sent_code(core, sent.code_id)


async def customers() -> int:
    return int(await one("SELECT count(*) FROM customer"))


@pytest.mark.parametrize("prove", [proven, by_contact])
async def test_in_the_bot(core: Services, prove) -> None:
    await core.programmes.change({"welcome_points": 50_00})
    done = await core.registrations.finish(ANNA, await prove(core, ANNA), messages=True)
    assert (done.is_new, done.balance, done.welcome_points, done.invited) == (True, 50_00, 50_00, False)
    assert done.card_number is not None
    actor = await core.identification.customer(11, "ru")
    assert isinstance(actor, CustomerActor)
    assert actor.id == done.customer_id
    row = (await fetch("SELECT phone, phone_verified_at, status FROM customer"))[0]
    assert (row["phone"], row["status"]) == (PHONE, "active")
    assert row["phone_verified_at"] is not None


async def test_consent_to_messages_is_apart_from_the_terms(core: Services) -> None:
    no = await core.registrations.finish(ANNA, await by_contact(core, ANNA), messages=False)
    yes = await core.registrations.finish(BORIS, await by_contact(core, BORIS, "79160000002"), messages=True)
    said = await core.preferences.topics(CustomerActor(no.customer_id, 11, "ru", None))
    assert [choice for choice, wanted in said.items() if wanted] == [("receipts", "telegram")]
    assert all((await core.preferences.topics(CustomerActor(yes.customer_id, 12, "ru", None))).values())
    terms = await fetch("SELECT granted, text_version, source FROM consent WHERE topic = 'terms'")
    assert len(terms) == 2
    assert all(row["granted"] and row["source"] == "bot" and int(row["text_version"]) for row in terms)


async def test_finishing_twice_answers_the_same(core: Services) -> None:
    await core.programmes.change({"welcome_points": 50_00})
    inviter = await enrol(core, 1)
    code = await promo_code(core, inviter)
    proof = await proven(core, ANNA)
    first = await core.registrations.finish(ANNA, proof, messages=True, referral_code=code)
    again = await core.registrations.finish(ANNA, proof, messages=True, referral_code=code)
    assert first == again
    assert (first.is_new, first.invited, first.welcome_points) == (True, True, 50_00)
    assert await customers() == 2
    assert await one("SELECT count(*) FROM consent WHERE customer_id = $1", first.customer_id) == 7


async def test_finishing_many_times_at_once_makes_one_customer(core: Services) -> None:
    proof = await proven(core, ANNA)
    done = await asyncio.gather(*(core.registrations.finish(ANNA, proof, messages=True) for _ in range(8)))
    assert len(set(done)) == 1
    assert done[0].is_new
    assert await customers() == 1


async def test_a_known_phone_is_joined(core: Services) -> None:
    first = await core.registrations.finish(ANNA, await by_contact(core, ANNA), messages=True)
    proof = await core.registrations.accept_contact(BORIS, 12, PHONE, key="c")
    assert proof.known
    joined = await core.registrations.finish(BORIS, proof.proof_id, messages=True)
    assert (joined.customer_id, joined.is_new, joined.card_number) == (first.customer_id, False, first.card_number)
    assert isinstance(await core.identification.customer(12, "ru"), CustomerActor)
    assert isinstance(await core.identification.customer(11, "ru"), Visitor)


async def test_two_visitors_with_one_phone_at_once_are_one_customer(core: Services) -> None:
    for number in range(4):
        phone = f"7916000010{number}"
        pair = [Visitor(100 + number, "ru"), Visitor(200 + number, "ru")]
        proofs = [await by_contact(core, visitor, phone) for visitor in pair]
        finished = [
            core.registrations.finish(visitor, proof, messages=True)
            for visitor, proof in zip(pair, proofs, strict=True)
        ]
        done = await asyncio.gather(*finished)
        assert len({each.customer_id for each in done}) == 1
        assert [each.is_new for each in done].count(True) == 1
    assert await customers() == 4


async def test_proofs_that_prove_nothing(core: Services, clock: ManualClock) -> None:
    proof = await by_contact(core, ANNA)
    with pytest.raises(ProofStale):
        await core.registrations.finish(BORIS, proof, messages=True)
    with pytest.raises(ProofStale):
        await core.registrations.finish(ANNA, 10**9, messages=True)
    sent = await core.registrations.request_code(BORIS, "79160000002", key="k")
    with pytest.raises(ProofStale):  # a code that nobody entered
        await core.registrations.finish(BORIS, sent.code_id, messages=True)
    clock.forward(hours=1, seconds=1)
    with pytest.raises(ProofStale):
        await core.registrations.finish(ANNA, proof, messages=True)
    assert await customers() == 0
    used = await by_contact(core, ANNA)
    await core.registrations.finish(ANNA, used, messages=True)
    with pytest.raises(ProofStale):  # somebody else's used proof
        await core.registrations.finish(BORIS, used, messages=True)


async def test_a_code_for_a_redemption_is_no_proof_for_registration(core: Services, cashier: StaffActor) -> None:
    registration, digits = await at_till(core, cashier)
    await core.till_registrations.finish_at_till(cashier, registration, digits, key="k")
    foreign = await one("SELECT id FROM verification_code WHERE used_at IS NOT NULL")
    with pytest.raises(ProofStale):
        await core.registrations.finish(ANNA, foreign, messages=True)


async def test_what_a_stranger_is_told_does_not_depend_on_whose_phone_it_is(core: Services) -> None:
    await core.registrations.finish(ANNA, await by_contact(core, ANNA), messages=True)
    known = await core.registrations.request_code(BORIS, PHONE, key="a")
    unknown = await core.registrations.request_code(Visitor(13, "ru"), "79160000002", key="b")
    assert (known.length, known.lives_s, known.resend_s) == (unknown.length, unknown.lives_s, unknown.resend_s)


async def test_at_the_till(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change({"welcome_points": 50_00})
    registration, digits = await at_till(
        core, cashier, name="Анна", birthday=date(1990, 2, 28), card_number="4600000000012"
    )
    with pytest.raises(CodeWrong):
        await core.till_registrations.finish_at_till(cashier, registration, "0000", key="wrong")
    done = await core.till_registrations.finish_at_till(cashier, registration, digits, key="right")
    assert (done.is_new, done.name, done.card_number, done.balance) == (True, "Анна", "4600000000012", 50_00)
    again = await core.till_registrations.finish_at_till(cashier, registration, digits, key="right")
    assert again == done
    row = (await fetch("SELECT branch_id, registered_by_id, birthday, name_key FROM customer"))[0]
    assert (row["branch_id"], row["registered_by_id"], row["name_key"]) == (cashier.branch_id, cashier.id, "анна")
    assert str(row["birthday"]) == "1990-02-28"
    panel = await core.identification.by_card(cashier, "4600000000012")
    assert (panel.customer_id, panel.phone_verified, panel.points) == (done.customer_id, True, 50_00)


async def test_at_the_till_a_phone_that_came_to_be_known_is_joined(core: Services, cashier: StaffActor) -> None:
    registration, digits = await at_till(core, cashier)
    own = await core.registrations.finish(ANNA, await by_contact(core, ANNA), messages=True)
    done = await core.till_registrations.finish_at_till(cashier, registration, digits, key="k")
    assert (done.customer_id, done.is_new) == (own.customer_id, False)
    again = await core.till_registrations.finish_at_till(cashier, registration, digits, key="k")
    assert again == done
    assert isinstance(await core.identification.customer(11, "ru"), CustomerActor)


async def test_a_questionnaire_of_another_branch_or_time_is_none(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    second = await branches.add("Вторая", "Europe/Moscow", clock.now())
    far = await hire(core, 9100, Role.MANAGER, second)
    owner = await hire(core, 9101, Role.OWNER, second)
    registration, digits = await at_till(core, cashier)
    with pytest.raises(RegistrationStale):
        await core.till_registrations.finish_at_till(far, registration, digits, key="k")
    with pytest.raises(RegistrationStale):
        await core.till_registrations.send_till_code(far, registration, key="k")
    with pytest.raises(RegistrationStale):
        await core.till_registrations.send_link(far, registration, key="k")
    for unknown in (0, 10**9):
        with pytest.raises(RegistrationStale):
            await core.till_registrations.send_till_code(cashier, unknown, key="k")
        with pytest.raises(RegistrationStale):
            await core.till_registrations.finish_at_till(cashier, unknown, digits, key="k")
    assert (await core.till_registrations.finish_at_till(owner, registration, digits, key="k")).is_new
    with pytest.raises(RegistrationStale):
        await core.till_registrations.send_till_code(cashier, registration, key="late")
    later, _ = await at_till(core, cashier, "79160000002")
    clock.forward(hours=2)
    with pytest.raises(RegistrationStale):
        await core.till_registrations.send_till_code(cashier, later, key="late")


async def test_finishing_at_the_till_twice_at_once_makes_one(core: Services, cashier: StaffActor) -> None:
    registration, digits = await at_till(core, cashier)
    done = await asyncio.gather(
        *(core.till_registrations.finish_at_till(cashier, registration, digits, key=f"k{n}") for n in range(6))
    )
    assert len({each.customer_id for each in done}) == 1
    assert all(each.is_new for each in done)
    assert await customers() == 1


async def token_of(core: Services) -> str:
    """The token of the newest link as the outbox would send it."""
    rows = await fetch("SELECT secret FROM message WHERE topic = 'registration' ORDER BY id DESC LIMIT 1")
    link = core.deps.keys.unseal(rows[0]["secret"])["link"]
    return str(link).rpartition("reg_")[2]


async def test_by_a_link_that_the_till_sends(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    registration = await core.till_registrations.open_at_till(cashier, PHONE, name="Анна", card_number="46000001")
    assert await core.till_registrations.send_link(cashier, registration, key="l") == PHONE
    assert await core.till_registrations.send_link(cashier, registration, key="l") == PHONE
    assert await one("SELECT count(*) FROM message") == 1
    with pytest.raises(ResendTooSoon):
        await core.till_registrations.send_link(cashier, registration, key="l2")
    token = await token_of(core)
    with pytest.raises(RegistrationStale):
        await core.registrations.open_link(ANNA, f"{token}x", key="o")
    clock.forward(days=2, hours=23)
    opened = await core.registrations.open_link(ANNA, token, key="o")
    assert (opened.registration_id, opened.phone, opened.name) == (registration, PHONE, "Анна")
    digits = await sent_code(core, opened.sent.code_id)
    proof = await core.registrations.check_code(ANNA, digits, key="c")
    done = await core.registrations.finish(
        ANNA, proof.proof_id, messages=True, registration_id=opened.registration_id
    )
    assert (done.is_new, done.name, done.card_number) == (True, "Анна", "46000001")
    assert isinstance(await core.identification.customer(11, "ru"), CustomerActor)
    with pytest.raises(RegistrationStale):
        await core.registrations.open_link(BORIS, token, key="o2")


async def test_a_link_dies_after_three_days_and_by_a_newer_one(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    registration = await core.till_registrations.open_at_till(cashier, PHONE)
    await core.till_registrations.send_link(cashier, registration, key="a")
    old = await token_of(core)
    clock.forward(minutes=1)
    await core.till_registrations.send_link(cashier, registration, key="b")
    with pytest.raises(RegistrationStale):
        await core.registrations.open_link(ANNA, old, key="o")
    new = await token_of(core)
    clock.forward(days=3)
    with pytest.raises(RegistrationStale):
        await core.registrations.open_link(ANNA, new, key="o")


async def test_a_link_is_asked_for_twice_at_once_and_sent_once(core: Services, cashier: StaffActor) -> None:
    registration = await core.till_registrations.open_at_till(cashier, PHONE)
    asked = [core.till_registrations.send_link(cashier, registration, key="same") for _ in range(5)]
    assert await asyncio.gather(*asked) == [PHONE] * 5
    assert await one("SELECT count(*) FROM message") == 1


async def test_a_link_whose_card_was_given_away_still_registers(core: Services, cashier: StaffActor) -> None:
    rival = await enrol(core, 1)
    registration = await core.till_registrations.open_at_till(cashier, PHONE, card_number="46000001")
    await core.till_registrations.send_link(cashier, registration, key="l")
    await core.cards.bind(cashier, rival, "46000001")
    opened = await core.registrations.open_link(ANNA, await token_of(core), key="o")
    digits = await sent_code(core, opened.sent.code_id)
    proof = await core.registrations.check_code(ANNA, digits, key="c")
    done = await core.registrations.finish(ANNA, proof.proof_id, messages=True, registration_id=registration)
    assert done.is_new
    assert done.card_number not in (None, "46000001")


async def test_at_the_till_a_card_of_somebody_else_is_said(core: Services, cashier: StaffActor) -> None:
    rival = await enrol(core, 1)
    registration, digits = await at_till(core, cashier, card_number="46000001")
    await core.cards.bind(cashier, rival, "46000001")
    with pytest.raises(CardTaken):
        await core.till_registrations.finish_at_till(cashier, registration, digits, key="k")
    assert await customers() == 1


async def test_a_registration_of_another_phone_brings_nothing(core: Services, cashier: StaffActor) -> None:
    registration = await core.till_registrations.open_at_till(
        cashier, "79160000009", name="Чужая", card_number="46000001"
    )
    proof = await by_contact(core, ANNA)
    done = await core.registrations.finish(ANNA, proof, messages=True, registration_id=registration)
    assert (done.name, done.card_number != "46000001") == (None, True)


async def test_greeting(core: Services) -> None:
    await core.programmes.change({"welcome_points": 5_00, "name": "Кофейня"})
    inviter = await enrol(core, 1)
    invited = await core.registrations.greet(await promo_code(core, inviter))
    assert (invited.merchant, invited.welcome_points, invited.invited) == ("Кофейня", 5_00, True)
    assert not (await core.registrations.greet("NOSUCH")).invited
    assert not (await core.registrations.greet()).invited


async def test_verbs_of_the_till_need_a_role(core: Services, cashier: StaffActor) -> None:
    registered = await core.registrations.finish(ANNA, await by_contact(core, ANNA), messages=True)
    assert isinstance(registered, Registered)
    with pytest.raises(NotAllowed):
        await core.staff.invite(cashier, Role.CASHIER)


async def test_one_account_does_not_become_a_second_customer(core: Services) -> None:
    mine = await enrol(core, 71, "79000000071")
    visitor = Visitor(71, "ru")
    proof = await core.registrations.accept_contact(visitor, 71, "79000000072", key=fresh_key("contact"))
    code = await promo_code(core, mine)
    with pytest.raises(AlreadyRegistered):
        await core.registrations.finish(visitor, proof.proof_id, messages=False, referral_code=code)
    assert (await core.identification.customer(71, "ru")).id == mine
    assert await one("SELECT count(*) AS n FROM customer") == 1


async def test_a_code_at_the_till_is_no_consent_to_offers(core: Services, cashier: StaffActor) -> None:
    registration = await core.till_registrations.open_at_till(cashier, "79000000073")
    sent = await core.till_registrations.send_till_code(cashier, registration, key=fresh_key("code"))
    digits = await sent_code(core, sent.code_id)
    done = await core.till_registrations.finish_at_till(cashier, registration, digits, key=fresh_key("check"))
    topics = await core.preferences.topics(actor_of(done.customer_id))
    assert not any(on for (topic, _), on in topics.items() if topic in ("offers", "reminders"))
