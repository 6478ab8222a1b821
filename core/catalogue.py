"""The catalogue: products and their categories, seen at the till and kept by managers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.actors import StaffActor
from core.deps import Deps
from core.domain.catalogue import Category, Product, name_key
from core.domain.errors import CategoryInUse, ProductTaken, ProductUnknown
from core.domain.people import Right
from core.store import audit, catalogue, programmes
from core.store.transactions import run_in_transaction

FIELDS = ("article", "barcode", "name", "category_id", "price", "is_sold")


@dataclass(frozen=True, slots=True)
class Shelf:
    """A page of products, counted from 0, of so many ``pages``; ``total`` products fit what was asked for."""

    products: tuple[Product, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Products and categories."""

    deps: Deps

    async def shelf(
        self,
        actor: StaffActor,
        page: int,
        size: int,
        *,
        search: str = "",
        category_id: int | None = None,
        sold_only: bool = False,
    ) -> Shelf:
        """A page of products by name; a page too far is the last one. Category 0 are those without one."""
        actor.require(Right.SERVE)
        how: dict[str, Any] = {"search": search, "category_id": category_id, "sold_only": sold_only}
        found, total = await catalogue.page(page * size, size, **how)
        pages = max(1, -(-total // size))
        if page >= pages:
            page = pages - 1
            found, total = await catalogue.page(page * size, size, **how)
        return Shelf(tuple(found), total, page, pages)

    async def product(self, actor: StaffActor, product_id: int) -> Product:
        """Raises ProductUnknown."""
        actor.require(Right.SERVE)
        found = await catalogue.get(product_id)
        if found is None:
            raise ProductUnknown
        return found

    async def named(self, actor: StaffActor, ids: Sequence[int]) -> list[Product]:
        """The products of these ids that there are, by name."""
        actor.require(Right.SERVE)
        found = await catalogue.get_many(ids)
        return sorted(found.values(), key=lambda each: name_key(each.name))

    async def by_code(self, actor: StaffActor, code: str) -> list[Product]:
        """Products on sale with this barcode, or else this article."""
        actor.require(Right.SERVE)
        return await catalogue.by_code(code)

    async def categories(self, actor: StaffActor) -> list[Category]:
        """All categories by name."""
        actor.require(Right.SERVE)
        return await catalogue.categories()

    async def add(self, actor: StaffActor, name: str, price: int | None, *, key: str) -> Product:
        """A product added by hand; the same ``key`` adds it once. Its article is made up."""
        actor.require(Right.MANAGE)
        article = f"M{hashlib.sha256(key.encode()).hexdigest()[:10]}"
        values = dict.fromkeys(FIELDS) | {"article": article, "name": name, "price": price, "is_sold": True}

        async def work() -> Product:
            product, made = await catalogue.add(values, self.deps.clock.now())
            if made:
                await self._note(actor, "product.added", product.id, None, {"name": name, "price": price})
            return product

        return await run_in_transaction(work)

    async def change(self, actor: StaffActor, product_id: int, **changes: Any) -> Product:
        """Change some of FIELDS. Raises ProductUnknown (also for a category), ProductTaken for an article."""
        actor.require(Right.MANAGE)

        async def work() -> Product:
            before = await self.product(actor, product_id)
            if changes.get("category_id") is not None:
                await self._category(changes["category_id"])
            if changes.get("article") is not None:
                other = (await catalogue.by_articles([changes["article"]])).get(changes["article"])
                if other is not None and other.id != product_id:
                    raise ProductTaken(what="article", title=other.name)
            was = {name: getattr(before, name) for name in changes}
            if was != changes:
                await catalogue.change(product_id, changes, self.deps.clock.now())
                await self._note(actor, "product.changed", product_id, was, changes)
            return await self.product(actor, product_id)

        return await run_in_transaction(work)

    async def add_category(self, actor: StaffActor, name: str) -> int:
        """The id of a category of this name, which is made if it is not there."""
        actor.require(Right.MANAGE)

        async def work() -> int:
            known = {name_key(each.name): each.id for each in await catalogue.categories()}
            if name_key(name) in known:
                return known[name_key(name)]
            made = (await catalogue.ensure_categories([name], self.deps.clock.now()))[name_key(name)]
            await self._note(actor, "category.made", made, None, {"name": name})
            return made

        return await run_in_transaction(work)

    async def rename_category(self, actor: StaffActor, category_id: int, name: str) -> None:
        """Raises ProductUnknown, ProductTaken when another one has the name."""
        actor.require(Right.MANAGE)

        async def work() -> None:
            category = await self._category(category_id)
            for other in await catalogue.categories():
                if other.id != category_id and name_key(other.name) == name_key(name):
                    raise ProductTaken(what="category", title=other.name)
            await catalogue.rename_category(category_id, name)
            await self._note(actor, "category.renamed", category_id, {"name": category.name}, {"name": name})

        await run_in_transaction(work)

    async def delete_category(self, actor: StaffActor, category_id: int) -> None:
        """Take an empty category away. Raises CategoryInUse (``count`` products, 0 for the programme's settings),
        ProductUnknown."""
        actor.require(Right.MANAGE)

        async def work() -> None:
            category = await self._category(category_id)
            if category.products or await self._is_set(category_id):
                raise CategoryInUse(count=category.products, title=category.name)
            await catalogue.delete_category(category_id)
            await self._note(actor, "category.deleted", category_id, {"name": category.name}, None)

        await run_in_transaction(work)

    async def rows(self, actor: StaffActor) -> Sequence[Product]:
        """All products, for a file. Raises NotAllowed."""
        actor.require(Right.MANAGE)
        found, _ = await catalogue.page(0, 1_000_000)
        return found

    async def _category(self, category_id: int) -> Category:
        found = next((each for each in await catalogue.categories() if each.id == category_id), None)
        if found is None:
            raise ProductUnknown
        return found

    async def _is_set(self, category_id: int) -> bool:
        """Whether the programme's settings name the category."""
        programme = (await programmes.in_force()).programme
        excluded = any(one.kind == "category" and one.id == category_id for one in programme.exclusions)
        return excluded or programme.nth_category == category_id

    async def _note(
        self,
        actor: StaffActor,
        action: str,
        object_id: int,
        before: dict[str, Any] | None,
        after: dict[str, Any] | None,
    ) -> None:
        await audit.note(
            action,
            "category" if action.startswith("category") else "product",
            object_id,
            actor_kind="staff",
            actor_id=actor.id,
            now=self.deps.clock.now(),
            before=before,
            after=after,
        )
