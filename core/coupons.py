"""Coupons in the office: seen, made, changed, switched, their codes and uses."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.actors import StaffActor
from core.deps import Deps
from core.domain.coupons import MOST_CODES, OWN_LENGTH, make_codes, read_code, written
from core.domain.errors import InvalidOffer, NotAllowed, OfferUnknown
from core.domain.people import Right
from core.domain.promotions import check
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
from core.store import coupons, offers, programmes
from core.store.coupons import BatchRow
from core.store.offers import Given
from core.store.transactions import run_against_rivals, run_in_transaction

CHUNK = 1000
MOST_USES = 1_000_000
PAGE = 10


@dataclass(frozen=True, slots=True)
class CouponDraft:
    """A coupon or a batch before it is saved.

    ``own`` is a code made up by the merchant, else ``count`` codes are generated. ``limit_total`` is of all uses
    of the one code, or of each generated one, ``limit_batch`` of all generated ones together; None for no limit.
    ``limit_customer`` is of a customer's uses.
    """

    offer: Draft
    own: str | None = None
    count: int = 1
    limit_total: int | None = None
    limit_customer: int = 1
    limit_batch: int | None = None


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch as it is shown; ``code`` as it is written when there is one. ``limit_code`` is of each of many."""

    offer: OfferView
    codes: int
    code: str | None
    limit_total: int | None
    limit_customer: int
    uses: int
    limit_code: int | None = None


@dataclass(frozen=True, slots=True)
class Coupons:
    """The merchant's coupons: the owner sees to all, a manager to those of the own branch alone."""

    deps: Deps

    async def listed(self, actor: StaffActor) -> tuple[BatchView, ...]:
        """Batches that hold in a branch of the actor: live, planned, off, ended."""
        actor.require(Right.MANAGE)
        now, named = self.deps.clock.now(), await names(())
        found = [row for row in await coupons.batches() if sees(actor, row.gives.conditions)]
        views = [_view(actor, row, named, now) for row in found]
        return tuple(sorted(views, key=lambda view: STATES.index(view.offer.state)))

    async def open(self, actor: StaffActor, batch_id: int) -> BatchView:
        """One of them with what it has given so far. Raises OfferUnknown."""
        row = await self._seen(actor, batch_id)
        named = await names(row.gives.conditions.product_ids)
        return _view(actor, row, named, self.deps.clock.now(), await coupons.given_by(batch_id))

    async def _seen(self, actor: StaffActor, batch_id: int) -> BatchRow:
        actor.require(Right.MANAGE)
        row = await coupons.batch(batch_id)
        if row is None or not sees(actor, row.gives.conditions):
            raise OfferUnknown
        return row

    async def save(
        self, actor: StaffActor, draft: CouponDraft, *, key: str, batch_id: int | None = None
    ) -> BatchView:
        """Make a coupon or a batch with its codes, or change what one gives and when; codes stay.

        The same ``key`` makes one. Raises InvalidOffer, OfferUnknown, NotAllowed.
        """
        actor.require(Right.MANAGE)
        draft = replace(draft, offer=replace(draft.offer, gives=for_branch_of(actor, draft.offer.gives)))
        now = self.deps.clock.now()

        async def work() -> int:
            offer = draft.offer
            kind = (await programmes.in_force()).programme.kind
            check(offer.gives, offer.starts_at, offer.ends_at, now, kind)
            _check_limits(draft)
            if batch_id is None:
                return await self._made(actor, draft, key, now)
            await self._changed(actor, draft, batch_id, now)
            return batch_id

        return await self.open(actor, await run_against_rivals(work))

    async def _made(self, actor: StaffActor, draft: CouponDraft, key: str, now: datetime) -> int:
        made = await coupons.by_request(key)
        if made is not None:
            return made
        offer, own = draft.offer, read_code(draft.own) if draft.own is not None else None
        if draft.own is not None and own is None:
            raise InvalidOffer(reason="code", low=OWN_LENGTH[0], high=OWN_LENGTH[1])
        is_one = own is not None or draft.count == 1
        limits = (draft.limit_total if is_one else draft.limit_batch, draft.limit_customer)
        made = await coupons.add_batch(
            offer.gives, offer.starts_at, offer.ends_at, limits, author_id=actor.id, request_key=key, now=now
        )
        if own is not None:
            if not await coupons.add_codes(made, [own], None):
                raise InvalidOffer(reason="code_taken")
        else:
            await self._generate(made, draft.count, None if is_one else draft.limit_total)
        after = _plain(draft) | {"codes": 1 if own else draft.count}
        await note(actor, "coupon.made", "coupon_batch", made, now, None, after)
        return made

    async def _generate(self, batch_id: int, count: int, limit_total: int | None) -> None:
        """So many codes that nobody has, in as few statements as the drivers allow."""
        while count:
            fresh = make_codes(min(count, CHUNK), secrets.choice)
            count -= await coupons.add_codes(batch_id, fresh, limit_total)

    async def _changed(self, actor: StaffActor, draft: CouponDraft, batch_id: int, now: datetime) -> None:
        row, offer = await self._to_change(actor, batch_id), draft.offer
        limit_total = draft.limit_total if row.code is not None else draft.limit_batch
        if limit_total is not None and limit_total < row.uses:
            raise InvalidOffer(reason="limit", low=max(1, row.uses), high=MOST_USES)
        gives = replace(offer.gives, id=batch_id)
        await coupons.change_batch(gives, offer.starts_at, offer.ends_at, (limit_total, draft.limit_customer))
        before = plain(row.gives, row.starts_at, row.ends_at) | {
            "limit_total": row.limit_total,
            "limit_customer": row.limit_customer,
        }
        await note(actor, "coupon.changed", "coupon_batch", batch_id, now, before, _plain(draft))

    async def _to_change(self, actor: StaffActor, batch_id: int) -> BatchRow:
        await coupons.lock_batch(batch_id)
        row = await self._seen(actor, batch_id)
        if not may_change(actor, row.gives.conditions):
            raise NotAllowed(needed=Right.OWN.value)
        return row

    async def switch(self, actor: StaffActor, batch_id: int, *, is_on: bool) -> BatchView:
        """Switch a batch on or off. Raises OfferUnknown, NotAllowed."""

        async def work() -> None:
            row = await self._to_change(actor, batch_id)
            if row.is_on is is_on:
                return
            await offers.switch("coupon_batch", batch_id, is_on)
            now = self.deps.clock.now()
            changes = ({"is_on": row.is_on}, {"is_on": is_on})
            await note(actor, "coupon.switched", "coupon_batch", batch_id, now, *changes)

        await run_in_transaction(work)
        return await self.open(actor, batch_id)

    async def codes(self, actor: StaffActor, batch_id: int) -> list[str]:
        """All codes of a batch as they are written, for those who may change it; the log says who took them."""

        async def work() -> list[str]:
            await self._to_change(actor, batch_id)
            found = [written(code) for code in await coupons.codes_of(batch_id)]
            now = self.deps.clock.now()
            await note(actor, "coupon.codes_taken", "coupon_batch", batch_id, now, None, {"codes": len(found)})
            return found

        return await run_in_transaction(work)

    async def uses(self, actor: StaffActor, batch_id: int, page: int = 0) -> tuple[list[dict[str, Any]], bool]:
        """A page of uses, the newest first, and whether there are more."""
        await self._seen(actor, batch_id)
        found = await coupons.uses_of(batch_id, page * PAGE, PAGE + 1)
        rows = [row | {"code": written(row["code"])} for row in found[:PAGE]]
        return rows, len(found) > PAGE


def _check_limits(draft: CouponDraft) -> None:
    if not 1 <= draft.count <= MOST_CODES:
        raise InvalidOffer(reason="count", low=1, high=MOST_CODES)
    for limit in (draft.limit_total, draft.limit_customer, draft.limit_batch):
        if limit is not None and not 1 <= limit <= MOST_USES:
            raise InvalidOffer(reason="limit", low=1, high=MOST_USES)


def _plain(draft: CouponDraft) -> dict[str, Any]:
    offer = plain(draft.offer.gives, draft.offer.starts_at, draft.offer.ends_at)
    limit_total = draft.limit_total if draft.limit_batch is None else draft.limit_batch
    return offer | {"limit_total": limit_total, "limit_customer": draft.limit_customer}


def _view(actor: StaffActor, row: BatchRow, named: Named, now: datetime, given: Given | None = None) -> BatchView:
    own = may_change(actor, row.gives.conditions)
    zone = actor.time_zone
    offer = OfferView(row.gives, row.starts_at, row.ends_at, state_of(row, now), zone, named, own, given)
    code = written(row.code) if row.code is not None else None
    return BatchView(offer, row.codes, code, row.limit_total, row.limit_customer, row.uses, row.limit_code)
