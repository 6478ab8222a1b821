"""Promotions in the office: seen, made, changed, switched, and what they have cost; and what customers see."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from core.actors import CustomerActor, StaffActor
from core.deps import Deps
from core.domain.basket import Basket, Line, Terms
from core.domain.errors import NotAllowed, OfferUnknown
from core.domain.people import Right, Role
from core.domain.points import MAX_POINTS
from core.domain.promotions import Conditions, Gives, check, conditions_to_json, with_offers
from core.domain.quote import quote
from core.store import audit, offers, programmes, staff
from core.store.offers import Given, PromotionRow
from core.store.transactions import run_against_rivals, run_in_transaction

USUAL = 1000_00
"""The receipt of an example, in minor units, unless the offer asks for more."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A promotion (or what a coupon gives) before it is saved. Moments in UTC, no end for None."""

    gives: Gives
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Named:
    """The names of what conditions mention, by id."""

    branches: Mapping[int, str]
    categories: Mapping[int, str]
    products: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class OfferView:
    """A promotion as it is shown. ``state`` is live, planned, ended or off; moments by ``time_zone``."""

    gives: Gives
    starts_at: datetime
    ends_at: datetime | None
    state: str
    time_zone: str
    named: Named
    may_change: bool = False
    given: Given | None = None

    @property
    def last(self) -> datetime | None:
        """The last moment of it, so that an end at midnight is shown as the day before."""
        return None if self.ends_at is None else self.ends_at - timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Example:
    """A receipt with an offer and without it: what is to pay (minor units) and what is earned (hundredths)."""

    subtotal: int
    pay_before: int
    pay_after: int
    earn_before: int
    earn_after: int


@dataclass(frozen=True, slots=True)
class Promotions:
    """The merchant's promotions: the owner sees to all, a manager to those of the own branch alone."""

    deps: Deps

    async def listed(self, actor: StaffActor) -> tuple[OfferView, ...]:
        """Those that hold in a branch of the actor: live, planned, off, ended; the newest first of each."""
        actor.require(Right.MANAGE)
        now = self.deps.clock.now()
        named = await names(())
        found = [row for row in await offers.promotions() if sees(actor, row.gives.conditions)]
        views = [_view(actor, row, named, now) for row in found]
        return tuple(sorted(views, key=lambda view: STATES.index(view.state)))

    async def open(self, actor: StaffActor, promotion_id: int) -> OfferView:
        """One of them with what it has given so far. Raises OfferUnknown."""
        actor.require(Right.MANAGE)
        row = await offers.promotion(promotion_id)
        if row is None or not sees(actor, row.gives.conditions):
            raise OfferUnknown
        named = await names(row.gives.conditions.product_ids)
        view = _view(actor, row, named, self.deps.clock.now())
        return replace(view, given=await offers.given_by_promotion(promotion_id))

    async def save(
        self, actor: StaffActor, draft: Draft, *, key: str, promotion_id: int | None = None
    ) -> OfferView:
        """Make a promotion, or change one; quotes that are made from now on follow it.

        A manager's is for their branch, whatever the draft says. The same ``key`` makes one. Raises InvalidOffer,
        OfferUnknown, NotAllowed.
        """
        actor.require(Right.MANAGE)
        draft = replace(draft, gives=for_branch_of(actor, draft.gives))
        now = self.deps.clock.now()

        async def work() -> int:
            kind = (await programmes.in_force()).programme.kind
            check(draft.gives, draft.starts_at, draft.ends_at, now, kind)
            if promotion_id is None:
                return await self._made(actor, draft, key, now)
            row = await self._to_change(actor, promotion_id)
            gives = replace(draft.gives, id=promotion_id)
            await offers.change_promotion(gives, draft.starts_at, draft.ends_at)
            before = plain(row.gives, row.starts_at, row.ends_at)
            after = plain(gives, draft.starts_at, draft.ends_at)
            await note(actor, "promotion.changed", "promotion", promotion_id, now, before, after)
            return promotion_id

        return await self.open(actor, await run_against_rivals(work))

    async def _made(self, actor: StaffActor, draft: Draft, key: str, now: datetime) -> int:
        made = await offers.promotion_by_request(key)
        if made is not None:
            return made
        made = await offers.add_promotion(
            draft.gives, draft.starts_at, draft.ends_at, author_id=actor.id, request_key=key, now=now
        )
        after = plain(draft.gives, draft.starts_at, draft.ends_at)
        await note(actor, "promotion.made", "promotion", made, now, None, after)
        return made

    async def switch(self, actor: StaffActor, promotion_id: int, *, is_on: bool) -> OfferView:
        """Switch a promotion on or off. Raises OfferUnknown, NotAllowed."""
        actor.require(Right.MANAGE)

        async def work() -> None:
            row = await self._to_change(actor, promotion_id)
            if row.is_on is is_on:
                return
            await offers.switch("promotion", promotion_id, is_on)
            now = self.deps.clock.now()
            changes = ({"is_on": row.is_on}, {"is_on": is_on})
            await note(actor, "promotion.switched", "promotion", promotion_id, now, *changes)

        await run_in_transaction(work)
        return await self.open(actor, promotion_id)

    async def _to_change(self, actor: StaffActor, promotion_id: int) -> PromotionRow:
        row = await offers.promotion(promotion_id, locked=True)
        if row is None or not sees(actor, row.gives.conditions):
            raise OfferUnknown
        if not may_change(actor, row.gives.conditions):
            raise NotAllowed(needed=Right.OWN.value)
        return row

    async def example(self, actor: StaffActor, gives: Gives) -> Example:
        """What an offer does to a usual receipt of a new customer, or to the least that it asks for."""
        actor.require(Right.MANAGE)
        programme = (await programmes.in_force(actor.branch_id)).programme
        least = gives.conditions.min_purchase
        basket = Basket((Line(max(USUAL, least)),))
        anything = replace(
            gives, conditions=replace(gives.conditions, product_ids=frozenset(), category_ids=frozenset())
        )
        terms = with_offers(Terms(), basket, [anything])
        before, after = (quote(programme, basket, available=MAX_POINTS, terms=one) for one in (Terms(), terms))
        return Example(basket.subtotal, before.payable, after.payable, before.accrual, after.accrual)

    async def choices(self, actor: StaffActor, product_ids: frozenset[int] = frozenset()) -> Named:
        """What conditions are chosen from: branches (the owner's alone to choose), categories, these products."""
        actor.require(Right.MANAGE)
        found = await names(product_ids)
        branches = {row["id"]: row["name"] for row in await staff.branches()}
        return replace(found, branches=branches if actor.role is Role.OWNER else {})

    async def named(self, actor: StaffActor, gives: Gives) -> Named:
        """The names of all that an offer's conditions mention."""
        actor.require(Right.MANAGE)
        return await names(gives.conditions.product_ids)

    async def product(self, actor: StaffActor, typed: str) -> tuple[int, str] | None:
        """The product of an article, a barcode or a whole name."""
        actor.require(Right.MANAGE)
        return await offers.product_named(typed.strip())

    async def for_customer(self, actor: CustomerActor) -> tuple[OfferView, ...]:
        """What is on now, the soonest to end first; hours and days are said with it."""
        now = self.deps.clock.now()
        programme = (await programmes.in_force()).programme
        rows = await offers.promotions() if programme.status_on else []
        live = [row for row in rows if state_of(row, now) == "live"]
        named = await names({product for row in live for product in row.gives.conditions.product_ids})
        zone = self.deps.time_zone
        views = [OfferView(row.gives, row.starts_at, row.ends_at, "live", zone, named) for row in live]
        return tuple(sorted(views, key=lambda view: (view.ends_at is None, view.ends_at or now)))


STATES = ("live", "planned", "off", "ended")


def state_of(row: Any, now: datetime) -> str:
    """The state of a promotion or a batch by its dates and its switch."""
    if row.ends_at is not None and row.ends_at <= now:
        return "ended"
    if not row.is_on:
        return "off"
    return "planned" if row.starts_at > now else "live"


def sees(actor: StaffActor, conditions: Conditions) -> bool:
    """The owner sees all, a manager what holds in the own branch."""
    return actor.role is Role.OWNER or conditions.hold_in(actor.branch_id)


def may_change(actor: StaffActor, conditions: Conditions) -> bool:
    """The owner changes all, a manager what holds in the own branch and nowhere else."""
    return actor.role is Role.OWNER or conditions.branches == {actor.branch_id}


def for_branch_of(actor: StaffActor, gives: Gives) -> Gives:
    """A manager's offer is for the own branch."""
    if actor.role is Role.OWNER:
        return gives
    return replace(gives, conditions=replace(gives.conditions, branches=frozenset({actor.branch_id})))


async def names(product_ids: Any) -> Named:
    """The names of all branches and categories, and of these products."""
    branches = {row["id"]: row["name"] for row in await staff.all_branches()}
    return Named(branches, await offers.categories(), await offers.products(sorted(product_ids)))


def _view(actor: StaffActor, row: PromotionRow, named: Named, now: datetime) -> OfferView:
    state, own = state_of(row, now), may_change(actor, row.gives.conditions)
    return OfferView(row.gives, row.starts_at, row.ends_at, state, actor.time_zone, named, own)


def plain(gives: Gives, starts_at: datetime, ends_at: datetime | None) -> dict[str, Any]:
    """An offer as the log keeps it."""
    return {
        "name": gives.name,
        "benefit": gives.benefit.value,
        "amount": gives.amount,
        "conditions": conditions_to_json(gives.conditions),
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat() if ends_at else None,
    }


async def note(
    actor: StaffActor,
    action: str,
    kind: str,
    object_id: int,
    now: datetime,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    """A row of the log about an offer."""
    await audit.note(
        action, kind, object_id, actor_kind="staff", actor_id=actor.id, now=now, before=before, after=after
    )
