"""A customer's categories by hand: seen and set by managers in the customer's panel."""

from dataclasses import dataclass

from core.actors import StaffActor
from core.deps import Deps
from core.domain.errors import CustomerUnknown
from core.domain.people import Right
from core.domain.rules import Effect
from core.standing import follow
from core.store import audit, categories, customers, programmes
from core.store.customers import CustomerRow
from core.store.transactions import run_in_transaction
from core.terms import metrics_of


@dataclass(frozen=True, slots=True)
class CategoriesView:
    """What a customer is in, as (name, whether a rule put them there), and what else there is."""

    customer_id: int
    customer_name: str | None
    held: tuple[tuple[str, bool], ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Categories:
    """Categories of one customer."""

    deps: Deps

    async def of(self, actor: StaffActor, customer_id: int) -> CategoriesView:
        """Raises NotAllowed, CustomerUnknown."""
        actor.require(Right.MANAGE)
        customer = await customers.get(customer_id)
        if customer is None or customer.status != "active":
            raise CustomerUnknown(phone=None)
        held = (await categories.held([customer_id]))[customer_id]
        rules = (await programmes.in_force()).programme.rules
        named = {rule.name for rule in rules if rule.effect in (Effect.ADD, Effect.REMOVE)}
        others = sorted((named | set(await categories.known())) - held.keys(), key=str.casefold)
        sources = tuple((name, source == "rule") for name, source in held.items())
        return CategoriesView(customer_id, customer.name, sources, tuple(others))

    async def put_in(self, actor: StaffActor, customer_id: int, name: str) -> CategoriesView:
        """Put a customer into a category; one that is known is meant however its letters are written.

        Raises CustomerUnknown, OwnAccount, NotAllowed.
        """
        actor.require(Right.MANAGE)
        actor.refuse_own(customer_id)

        async def work() -> None:
            customer = await self._refreshed(customer_id)
            seen = await self.of(actor, customer.id)
            known = {one.casefold(): one for one in (*(held for held, _ in seen.held), *seen.others)}
            written = known.get(name.casefold(), name)
            await categories.add([(customer.id, written)], "hand", self.deps.clock.now())
            await self._note(actor, customer.id, "category.added", written)

        await run_in_transaction(work)
        return await self.of(actor, customer_id)

    async def take_out(self, actor: StaffActor, customer_id: int, name: str) -> CategoriesView:
        """Take a customer out of a category. A rule may put them there again when they next come.

        Raises CustomerUnknown, OwnAccount, NotAllowed.
        """
        actor.require(Right.MANAGE)
        actor.refuse_own(customer_id)

        async def work() -> None:
            customer = await self._refreshed(customer_id)
            await categories.remove([(customer.id, name)])
            await self._note(actor, customer.id, "category.removed", name)

        await run_in_transaction(work)
        return await self.of(actor, customer_id)

    async def refresh(self, actor: StaffActor, customer_id: int) -> CategoriesView:
        """Recompute the customer's level, class, discount and categories by the rules as they are now."""
        actor.require(Right.MANAGE)

        async def work() -> None:
            await self._refreshed(customer_id)
            await self._note(actor, customer_id, "customer.recomputed", None)

        await run_in_transaction(work)
        return await self.of(actor, customer_id)

    async def _refreshed(self, customer_id: int) -> CustomerRow:
        """The locked customer with their standing recomputed: what is then set by hand has the last word."""
        customer = (await customers.lock(customer_id)).get(customer_id)
        if customer is None or customer.status != "active":
            raise CustomerUnknown(phone=None)
        programme = (await programmes.in_force()).programme
        followed = await follow(programme, customer, metrics_of(customer, self.deps.clock.now()))
        await customers.update(customer_id, **followed.columns)
        return customer

    async def _note(self, actor: StaffActor, customer_id: int, action: str, name: str | None) -> None:
        await audit.note(
            action,
            "customer",
            customer_id,
            actor_kind="staff",
            actor_id=actor.id,
            now=self.deps.clock.now(),
            after=None if name is None else {"category": name},
        )
