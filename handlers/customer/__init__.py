"""The customer bot's handlers."""

from aiogram import Router

from handlers.customer import (
    card,
    confirmation,
    consent,
    gifts,
    invite,
    language,
    membership,
    offers,
    phone,
    points,
    privacy,
    questionnaire,
    quiet,
    reviews,
    settings,
    start,
    strays,
)
from handlers.rendering import Renderer


def build_router(renderer: Renderer) -> Router:
    """All routers of the customer bot, in the order in which they are asked.

    The menu comes before the questions, so that its words leave a question rather than answer it.
    """
    router = Router(name="customer")
    router.include_routers(
        membership.build(),
        start.build(),
        language.build(renderer),
        card.build(renderer),
        points.build(renderer),
        invite.build(renderer),
        settings.build(renderer),
        quiet.build_presses(),
        quiet.build(),
        privacy.build(),
        privacy.build_answers(),
        confirmation.build(),
        gifts.build(),
        offers.build(),
        reviews.build(),
        reviews.build_answers(),
        phone.build(),
        consent.build(),
        questionnaire.build(),
        offers.build_codes(),
        invite.build_codes(),
        strays.build(),
    )
    return router
