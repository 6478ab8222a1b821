"""The staff bot's handlers."""

from aiogram import Router

from handlers.rendering import Renderer
from handlers.staff import (
    access,
    by_hand,
    categories,
    couponing,
    fallback,
    finding,
    gifting,
    items,
    membership,
    menu,
    new_card,
    new_customer,
    office,
    own_phone,
    panel,
    paying,
    receipts,
    refunding,
    selling,
    visits,
    ways,
)
from handlers.staff.desk import Desks


def build_router(renderer: Renderer) -> Router:
    """All routers of the staff bot, in the order in which they are asked."""
    members = Router(name="staff-members")
    members.message.middleware(Desks())
    members.callback_query.middleware(Desks())
    members.include_routers(
        menu.build(renderer),
        office.entrance(renderer),
        refunding.build(),
        office.build(renderer),
        new_card.build(),
        new_customer.build(),
        panel.build(),
        visits.build(),
        categories.build(),
        by_hand.build(),
        paying.build(),
        items.build(),
        ways.build(),
        couponing.build(),
        gifting.build(),
        receipts.build(),
        selling.build(),
        finding.build(),
        own_phone.build(),
        fallback.build(),
    )
    router = Router(name="staff")
    router.include_routers(membership.build(), access.build(), members)
    return router
