"""Asking Telegram for updates, through everything that can go wrong with it."""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    TelegramConflictError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod

from bot.polling.patience import Patience
from bot.telegram import safe_text

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

CONFLICT_CAP_S = 5.0
"""The longest wait after a conflict: a deployment's new process shall start soon after the old one ends."""
LONGEST_RETRY_AFTER_S = 300.0
REFUSALS = 3
"""How many refusals in a row make a token that has worked before a bad one; one is enough for a new token."""


class TokenRefused(Exception):
    """Telegram doesn't know the token. `setting` is the name of the setting that holds it."""

    def __init__(self, setting: str) -> None:
        super().__init__(
            f"Telegram refuses the token in {setting}. Compare it with the one @BotFather gave, and if"
            " TELEGRAM_API_URL is set, check that it leads to a Bot API server."
        )
        self.setting = setting


class Garbage(Exception):
    """An answer that is JSON and says "ok", but holds no updates in any known form."""


class GetRawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates with updates left raw: one that aiogram can't read must not take the others along."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    limit: int
    timeout: int
    allowed_updates: list[str]


@dataclass(frozen=True)
class Received:
    """An update as it came: its number and its JSON."""

    update_id: int
    raw: dict[str, Any]

    @property
    def lane(self) -> Hashable:
        """The chat it belongs to, else the person (a private chat has its person's id), else None."""
        for name, event in self.raw.items():
            if name == "update_id" or not isinstance(event, dict):
                continue
            message = event.get("message")
            inner = message if isinstance(message, dict) else {}
            for place in (event.get("chat"), inner.get("chat"), event.get("from"), event.get("user")):
                if isinstance(place, dict) and "id" in place:
                    return str(place["id"])
        return None


class Source:
    """The updates of one bot, one request at a time. Nothing but a refused token ends it."""

    def __init__(
        self,
        bot: Bot,
        *,
        token_setting: str,
        allowed_updates: Sequence[str],
        limit: int,
        delete_webhook: bool,
        patience: Patience,
        on_poll: Callable[[], None] = lambda: None,
    ) -> None:
        self._bot = bot
        self._token_setting = token_setting
        self._allowed = list(allowed_updates)
        self._limit = limit
        self._delete_webhook = delete_webhook
        self._patience = patience
        self._on_poll = on_poll
        self._failures = 0
        self._refusals = 0
        self._worked = False
        self._told: dict[str, float] = {}
        self.confirmed: int | None = None
        """The offset of the last request that was answered: Telegram has forgotten what is before it."""

    async def fetch(self, offset: int | None) -> list[Received]:
        """The updates from `offset` on; empty when none came in the time of a long poll.

        Waits and asks again after any failure, for as long as it takes. Raises TokenRefused.
        """
        while True:
            try:
                received = await self._ask(offset, self._limit, self._patience.long_poll_s)
            except Exception as exc:
                self._failures += 1
                await asyncio.sleep(await self._wait_after(exc))
            else:
                self._recovered()
                self._on_poll()
                return received

    async def confirm(self, offset: int) -> None:
        """Tell Telegram what is done, without waiting for updates: one it answers with stays unconfirmed.

        Makes one try and raises what it raises.
        """
        await self._ask(offset, 1, 0)

    async def _ask(self, offset: int | None, limit: int, wait_s: int) -> list[Received]:
        method = GetRawUpdates(offset=offset, limit=limit, timeout=wait_s, allowed_updates=self._allowed)
        raw = await self._bot(method, request_timeout=wait_s + self._patience.margin_s)
        if not isinstance(raw, list):
            raise Garbage("no list of updates")
        received = [Received(one["update_id"], one) for one in raw if type(one.get("update_id")) is int]
        if len(received) < len(raw):
            raise Garbage("updates without numbers")
        self.confirmed = offset
        return sorted(received, key=lambda one: one.update_id)

    async def _wait_after(self, exc: Exception) -> float:
        """Report the trouble, do what can be done about it, and say how many seconds to wait."""
        wait = self._patience.fetching.delay(self._failures)
        match exc:
            case TelegramUnauthorizedError() | TelegramNotFound():
                self._refusals += 1
                if not self._worked or self._refusals >= REFUSALS:
                    refused = TokenRefused(self._token_setting)
                    log.error("token_refused", bot=self._bot.id, advice=str(refused))
                    raise refused from None
                self._tell("token_refused_for_now", exc, "Telegram refused a token that has worked; asking again.")
            case TelegramConflictError() if "webhook" in exc.message.lower():
                await self._remove_webhook(exc)
                wait = min(wait, CONFLICT_CAP_S)
            case TelegramConflictError():
                self._tell(
                    "second_poller",
                    exc,
                    f"Another process is getting the updates of the bot in {self._token_setting}. Stop one of"
                    " them: no update is lost or doubled, but both are slow.",
                )
                wait = min(wait, CONFLICT_CAP_S)
            case TelegramRetryAfter():
                wait = min(float(exc.retry_after), LONGEST_RETRY_AFTER_S)
                self._tell("polling_too_fast", exc, "Telegram asks to wait.")
            case TelegramNetworkError():
                self._tell("telegram_unreachable", exc, "Telegram can't be reached; asking until it can.")
            case _:
                self._tell("telegram_unwell", exc, "Telegram's answer is of no use; asking again.")
        return wait

    async def _remove_webhook(self, exc: Exception) -> None:
        if not self._delete_webhook:
            self._tell(
                "webhook_is_set",
                exc,
                f"The bot in {self._token_setting} has a webhook, so Telegram gives no updates here. Remove"
                " the webhook, or run with webhooks.",
            )
            return
        try:
            await self._bot.delete_webhook(drop_pending_updates=False)
        except Exception as trouble:
            self._tell("webhook_not_removed", trouble, "The webhook could not be removed; trying again.")
        else:
            log.warning("webhook_removed", bot=self._bot.id, setting=self._token_setting)

    def _tell(self, event: str, exc: Exception, sentence: str) -> None:
        """Report a trouble loudly once, and quietly while it lasts or when it soon comes again."""
        now = self._patience.passed_s()
        loud = now - self._told.get(event, -self._patience.rewarn_s) >= self._patience.rewarn_s
        if loud:
            self._told[event] = now
        report = log.warning if loud else log.debug
        report(event, bot=self._bot.id, failures=self._failures, error=safe_text(exc), advice=sentence)

    def _recovered(self) -> None:
        if self._failures:
            log.info("updates_flow_again", bot=self._bot.id, after_failures=self._failures)
        self._failures = self._refusals = 0
        self._worked = True
