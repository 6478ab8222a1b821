"""The lines of a sale: products chosen at the till, how many of them, at what price."""

from dataclasses import dataclass, replace

from core.actors import StaffActor
from core.deps import Deps
from core.domain.basket import Basket, Line
from core.domain.catalogue import PIECE, Product, line_of
from core.domain.errors import PriceMissing, ProductUnknown
from core.domain.lines import drop_line, line_of_product, put_line
from core.domain.people import Right
from core.repricing import lock_draft, reprice
from core.sale_views import SaleView
from core.store import catalogue
from core.store.transactions import run_in_transaction

SCANS_KEPT = 100
"""More than can be on their way twice."""


@dataclass(frozen=True, slots=True)
class TillLines:
    """Choosing products in a draft. A product is one line, whatever its quantity: the same request, sent twice,
    changes nothing more. A barcode scanned again is one more piece; the receipt keeps each scan's key."""

    deps: Deps

    async def put(
        self,
        actor: StaffActor,
        purchase_id: int,
        product_id: int,
        quantity: int | None = None,
        price: int | None = None,
        *,
        scan: str | None = None,
    ) -> SaleView:
        """Have so many thousandths of a product in the receipt; None for one piece, or as many as there are.

        ``price`` is for a product without one, in minor units. What is chosen comes out of a total that was typed.
        ``scan`` is the key of a request that read the barcode: it adds a piece, unless it goes by weight (1,350).
        Raises ProductUnknown, PriceMissing, InvalidAmount, TooManyLines, PurchaseClosed, PurchaseUnknown.
        """
        actor.require(Right.SELL)

        async def work() -> SaleView:
            sale = await lock_draft(actor, purchase_id)
            basket = sale.row.basket
            there = line_of_product(basket, product_id)
            product = await catalogue.get(product_id)
            if product is None or not (product.is_sold or there):
                raise ProductUnknown
            wanted = quantity
            if there is not None and scan is not None and scan not in basket.scans:
                wanted = there.quantity + (0 if there.quantity % PIECE else PIECE)
            line = _line(product, there, wanted, price)
            return await reprice(self.deps, sale, _noted(put_line(basket, line), scan))

        return await run_in_transaction(work)

    async def basket_with(
        self, actor: StaffActor, product_id: int, price: int | None = None, *, scan: str | None = None
    ) -> Basket:
        """A basket that begins with one piece of a product, put in by the ``scan`` with that key if by one.

        Raises ProductUnknown, PriceMissing, InvalidAmount.
        """
        actor.require(Right.SELL)
        product = await catalogue.get(product_id)
        if product is None or not product.is_sold:
            raise ProductUnknown
        return _noted(Basket((_line(product, None, None, price),)), scan)

    async def drop(self, actor: StaffActor, purchase_id: int, product_id: int | None) -> SaleView:
        """Take a product out of the receipt, or with None what is left of a typed total.

        Raises LastLine, PurchaseClosed, PurchaseUnknown.
        """
        actor.require(Right.SELL)

        async def work() -> SaleView:
            sale = await lock_draft(actor, purchase_id)
            return await reprice(self.deps, sale, drop_line(sale.row.basket, product_id))

        return await run_in_transaction(work)


def _noted(basket: Basket, scan: str | None) -> Basket:
    """The basket that knows of a scan; none is new when it comes again."""
    if scan is None or scan in basket.scans:
        return basket
    return replace(basket, scans=(*basket.scans, scan)[-SCANS_KEPT:])


def _line(product: Product, there: Line | None, quantity: int | None, price: int | None) -> Line:
    """The product's line: at the price that its line has already, else at its own, else at the one typed."""
    known = [each for each in (there.price if there else None, product.price, price) if each is not None]
    if price is not None and product.price is None:
        known = [price]
    if not known:
        raise PriceMissing(title=product.name)
    stands = there.quantity if there else PIECE
    return line_of(product, known[0], stands if quantity is None else quantity)
