"""Promotions in the office: seen, made, changed, switched, and what they have cost; and what customers see."""

from dataclasses import dataclass, replace
from datetime import datetime

from core.actors import CustomerActor, StaffActor
from core.deps import Deps
from core.domain.basket import Basket, Line, Terms
from core.domain.errors import NotAllowed, OfferUnknown
from core.domain.people import Right, Role
from core.domain.points import MAX_POINTS
from core.domain.promotions import Gives, check, with_offers
from core.domain.quote import quote
from core.offer_views import (
    STATES,
    Draft,
    Named,
    OfferView,
    for_branch_of,
    may_change,
    names,
    note,
    plain,
    sees,
    state_of,
)
from core.store import branches as branch_rows
from core.store import offers, programmes
from core.store.offers import PromotionRow
from core.store.transactions import run_against_rivals, run_in_transaction

USUAL = 1000_00
"""The receipt of an example, in minor units, unless the offer asks for more."""


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
        branches = {row["id"]: row["name"] for row in await branch_rows.open_branches()}
        return replace(found, branches=branches if actor.role is Role.OWNER else {})

    async def named(self, actor: StaffActor, gives: Gives) -> Named:
        """The names of all that an offer's conditions mention."""
        actor.require(Right.MANAGE)
        return await names(gives.conditions.product_ids)

    async def product(self, actor: StaffActor, typed: str) -> tuple[int, str] | None:
        """The product of an article, a barcode or a whole name."""
        actor.require(Right.MANAGE)
        return await offers.product_named(typed.strip())

    async def kinds_on(self) -> tuple[bool, bool]:
        """Whether there are promotions now, and whether there are coupons; none while the programme is off."""
        if not (await programmes.in_force()).programme.status_on:
            return False, False
        return await offers.kinds_live(self.deps.clock.now())

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


def _view(actor: StaffActor, row: PromotionRow, named: Named, now: datetime) -> OfferView:
    state, own = state_of(row, now), may_change(actor, row.gives.conditions)
    return OfferView(row.gives, row.starts_at, row.ends_at, state, actor.time_zone, named, own)
