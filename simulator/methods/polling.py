"""How a bot gets its updates."""

import re

from simulator.addresses import split_url
from simulator.bots import WebhookState
from simulator.errors import bad_request, conflict
from simulator.people import Json

from .registry import Request, method

_LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")
MAX_TIMEOUT = 50


@method("getMe")
def get_me(request: Request) -> Json:
    """The bot itself."""
    return request.bot.user() | {
        "can_join_groups": True,
        "can_read_all_group_messages": True,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
    }


@method("getUpdates")
async def get_updates(request: Request) -> list[Json]:
    """Long polling: what is below the offset is confirmed, and never comes again."""
    bot, params = request.bot, request.params
    if bot.webhook is not None:
        raise conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )
    bot.updates.allow(params.data("allowed_updates", "allowed updates"))
    limit = min(max(params.number("limit", 100), 1), 100)
    timeout = min(max(params.number("timeout"), 0), MAX_TIMEOUT)
    bot.updates.confirm(params.number("offset"))
    request.world.bell.ring()
    return await bot.updates.poll(limit, timeout)


@method("setWebhook")
def set_webhook(request: Request) -> bool:
    """Have updates pushed to an address; plain http is accepted for this machine's own addresses."""
    bot, params = request.bot, request.params
    url = params.text("url").strip()
    if not url:
        return delete_webhook(request)
    parts = split_url(url)
    if parts is None:
        raise bad_request("invalid webhook URL specified")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL_HOSTS):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    secret = params.text("secret_token")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad_request("secret token contains unallowed characters")
    bot.updates.allow(params.data("allowed_updates", "allowed updates"))
    if params.flag("drop_pending_updates"):
        bot.updates.pending.clear()
    bot.updates.end_poll("terminated by setWebhook request")
    same = bot.webhook is not None and (bot.webhook.url, bot.webhook.secret) == (url, secret)
    bot.webhook = WebhookState(url, secret, min(max(params.number("max_connections", 40), 1), 100))
    bot.updates.arrived.set()
    request.notes["description"] = "Webhook is already set" if same else "Webhook was set"
    return True


@method("deleteWebhook")
def delete_webhook(request: Request) -> bool:
    """Go back to long polling."""
    bot = request.bot
    if request.params.flag("drop_pending_updates"):
        bot.updates.pending.clear()
    request.notes["description"] = "Webhook was deleted" if bot.webhook else "Webhook is already deleted"
    bot.webhook = None
    return True


@method("getWebhookInfo")
def get_webhook_info(request: Request) -> Json:
    """Where updates are pushed and how it goes."""
    bot = request.bot
    made: Json = {
        "url": bot.webhook.url if bot.webhook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(bot.updates.pending),
    }
    if bot.webhook:
        made |= {"max_connections": bot.webhook.max_connections, "ip_address": "127.0.0.1"}
        if bot.webhook.last_error:
            made |= {
                "last_error_date": bot.webhook.last_error_at,
                "last_error_message": bot.webhook.last_error,
            }
    if bot.updates.allowed:
        made["allowed_updates"] = sorted(bot.updates.allowed)
    return made


@method("logOut", "close")
def leave(request: Request) -> bool:
    """Accepted; nothing happens."""
    return bool(request.bot)
