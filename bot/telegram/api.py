"""A bot as the product makes it: its own session, HTML by default, no link previews."""

from functools import lru_cache
from typing import Any, cast

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramNetworkError
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiohttp import ClientTimeout

from bot.telegram.delivery import Delivery
from bot.telegram.pace import Pace
from bot.telegram.safe import mask

CONNECT_S = 5.0
"""Seconds to reach the server. Kept apart from the answer's time: what didn't connect wasn't sent."""


class Session(AiohttpSession):
    """aiogram's session with its own time to connect, any answer survived, and no token in errors."""

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 - aiogram's signature
    ) -> TelegramType:
        limits = ClientTimeout(total=self.timeout if timeout is None else timeout, connect=CONNECT_S)
        trouble: Exception
        try:
            # aiohttp takes a number or a ClientTimeout; aiogram's annotation knows the number only
            return await super().make_request(bot, method, cast("int", limits))
        except TelegramNetworkError as exc:
            if mask(str(exc)) == str(exc) and mask(str(exc.__cause__)) == str(exc.__cause__):
                raise
            trouble = TelegramNetworkError(method=method, message=mask(exc.message))
        except UnicodeDecodeError as exc:
            trouble = ClientDecodeError("Failed to decode text", ValueError(exc.reason), None)
        raise trouble  # outside the handler, so that it doesn't carry the one with the token along

    async def close(self) -> None:
        """As aiogram's, which waits a quarter of a second for TLS to end; without TLS there is no wait."""
        if self.api.base.startswith("http:") and self._session is not None:
            await self._session.close()
        else:
            await super().close()

    def check_response(
        self, bot: Bot, method: TelegramMethod[TelegramType], status_code: int, content: str
    ) -> Response[TelegramType]:
        """As aiogram's, but what it trips over (an error without a description) is a ClientDecodeError."""
        _answer_of(method.__returning__)
        try:
            return super().check_response(bot, method, status_code, content)
        except (TelegramAPIError, ClientDecodeError):
            raise
        except Exception as exc:
            raise ClientDecodeError("Failed to understand object", exc, None) from exc


@lru_cache(maxsize=256)
def _answer_of(returning: Any) -> Any:
    """An answer's model, held on to: pydantic only remembers it weakly and would build it anew for each call."""
    return Response[returning]


def build_bot(
    token: str,
    *,
    api_url: str | None = None,
    pace: Pace | None = None,
    request_s: float = 20.0,
    total_s: float = 40.0,
    **delivery: Any,
) -> Bot:
    """Make a bot; closing `bot.session` is the caller's.

    - `api_url`: base address of another Bot API server, None for Telegram's own;
    - `pace`: the bot's limits, by default Telegram's; `request_s`: seconds for one try of a call;
    - `total_s`: seconds for a call with all its waits and tries; `delivery`: the rest for `Delivery`.

    Raises aiogram's TokenValidationError (its text doesn't hold the token) if the token has no such form.
    """
    session = Session(api=TelegramAPIServer.from_base(api_url) if api_url else PRODUCTION, timeout=request_s)
    session.middleware(Delivery(pace or Pace(), total_s=total_s, **delivery))
    default = DefaultBotProperties(parse_mode=ParseMode.HTML, link_preview_is_disabled=True)
    return Bot(token, session=session, default=default)
