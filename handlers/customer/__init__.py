"""The customer bot's handlers."""

from aiogram import Router

from handlers.rendering import Renderer


def build_router(renderer: Renderer) -> Router:
    """All routers of the customer bot, in the order in which they are asked."""
    return Router(name="customer")
