"""The shelf: pages of products to choose from, all, by search, or by category."""

from aiogram.types import CallbackQuery

from core.sale_views import SaleView
from handlers.callbacks import OnItem
from handlers.staff import item_screens
from handlers.staff.desk import Desk
from handlers.staff.sales import show_sale
from handlers.staff.states import Choosing


async def show_shelf(
    desk: Desk,
    customer_id: int,
    sale: SaleView | None,
    page: int = 0,
    *,
    search: str = "",
    category_id: int | None = None,
) -> None:
    """A page of products; what is typed or photographed next is looked for."""
    core = desk.core.catalogue
    known = {each.id: each for each in await core.categories(desk.actor)}
    category = known.get(category_id or 0)
    found = await core.shelf(
        desk.actor,
        page,
        item_screens.PAGE,
        search=search,
        category_id=category.id if category else None,
        sold_only=True,
    )
    screen = item_screens.shelf(
        desk.ui, found, customer_id=customer_id, sale=sale, search=search, category=category
    )
    await desk.ask(
        Choosing.shelf,
        screen,
        customer_id=customer_id,
        purchase_id=sale.purchase_id if sale else 0,
        search=search,
        category=category.id if category else None,
    )


async def whose(desk: Desk, purchase_id: int) -> tuple[int | None, SaleView | None]:
    """The customer and the draft that a button means; a sale that has not begun is the open question's."""
    if purchase_id:
        sale = await desk.core.till.look(desk.actor, purchase_id)
        return sale.customer_id, sale
    return (await desk.data()).get("customer_id"), None


async def shelf(press: CallbackQuery, callback_data: OnItem, desk: Desk) -> None:
    """Another page, all products, or those of the category ``n``."""
    customer_id, sale = await whose(desk, callback_data.purchase_id)
    if customer_id is None:
        await desk.say("staff/stale")
        return
    if sale is not None and sale.status != "draft":
        await show_sale(desk, sale)
        return
    data, n = await desk.data(), callback_data.n
    if callback_data.do == "group":
        await show_shelf(desk, customer_id, sale, category_id=n)
    elif callback_data.do == "all":
        await show_shelf(desk, customer_id, sale)
    else:
        search, category_id = data.get("search", ""), data.get("category")
        await show_shelf(desk, customer_id, sale, n, search=search, category_id=category_id)


async def groups(press: CallbackQuery, callback_data: OnItem, desk: Desk) -> None:
    """Categories that have products."""
    found = [each for each in await desk.core.catalogue.categories(desk.actor) if each.products]
    await desk.show(item_screens.groups(desk.ui, found, callback_data.n, callback_data.purchase_id))
