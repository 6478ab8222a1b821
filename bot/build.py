"""The product put together: from settings to everything that runs. Tests pass doubles here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiogram import Bot, Dispatcher
from aiogram.utils.token import TokenValidationError

from bot.bell import Bell
from bot.dispatchers import customer_dispatcher, staff_dispatcher
from bot.gateways import build_sms
from bot.intake import Intake
from bot.jobs.keeping import Timekeeper
from bot.metrics import Metrics
from bot.pacing import PaceOverAll
from bot.relay import Relay
from bot.settings import BadSettings, Settings, secret_key
from bot.sms_tasks import SmsTasks
from bot.telegram import Pace, build_bot
from bot.turns import Turns
from core.deps import Deps
from core.keyring import Keyring
from core.ports import Clock, SmsGateway, SystemClock
from core.services import Services
from core.store.turns import SharedTurns
from handlers.rendering import Renderer

TEMPLATES = Path(__file__).parents[1] / "templates"


@dataclass(frozen=True)
class App:
    """Everything that a process runs."""

    settings: Settings
    core: Services
    renderer: Renderer
    sms: SmsGateway
    bots: dict[str, Bot]
    intakes: dict[str, Intake]
    relay: Relay
    timekeeper: Timekeeper
    bell: Bell
    turns: Turns
    metrics: Metrics

    async def close(self) -> None:
        """Give back connections (the database is closed by its own context, after this)."""
        for bot in self.bots.values():
            await bot.session.close()
        await self.sms.close()
        await self.bell.close()
        await self.turns.close()


def build_core(settings: Settings, clock: Clock | None = None) -> Services:
    """The verbs, for processes without bots."""
    return Services.of(
        Deps(
            clock=clock or SystemClock(),
            keys=Keyring(secret_key(settings)),
            region=settings.default_region,
            language=settings.language,
            time_zone=settings.timezone,
        )
    )


def build_renderer(settings: Settings, clock: Clock) -> Renderer:
    """The one renderer."""
    return Renderer(TEMPLATES, default_language=settings.language, clock=clock)


def build_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    sms: SmsGateway | None = None,
    pace: Callable[[], Pace] = Pace,
    alone: bool = False,
) -> App:
    """Put the product together; ``pace`` makes each bot's limits, and ``alone`` says that this process does
    periodic work by itself, with a Redis or without.

    Raises BadSettings for a token or gateway that can't be one.
    """
    core = build_core(settings, clock)
    renderer = build_renderer(settings, core.deps.clock)
    gateway = sms or build_sms(settings)
    SmsTasks.register(core, gateway)
    bots = build_bots(settings, pace, alone=alone)
    relay = Relay(core, renderer, bots, gateway)
    redis_url = settings.redis_url.get_secret_value() if settings.redis_url else None
    timekeeper = Timekeeper(core, None if alone else redis_url)

    async def wake() -> None:
        await relay.kick()
        await timekeeper.kick()

    bell = Bell(redis_url, wake)
    turns, metrics = Turns(SharedTurns()), Metrics(core.deps.clock, core.deps.time_zone)
    dispatchers: dict[str, Dispatcher] = {
        "customer": customer_dispatcher(core, renderer),
        "staff": staff_dispatcher(core, renderer),
    }
    intakes = {
        name: Intake(bot, dispatchers[name], core.deps.clock, bell.ring, turns=turns, metrics=metrics, name=name)
        for name, bot in bots.items()
    }
    return App(settings, core, renderer, gateway, bots, intakes, relay, timekeeper, bell, turns, metrics)


def build_bots(settings: Settings, pace: Callable[[], Pace] = Pace, *, alone: bool = True) -> dict[str, Bot]:
    """Both bots' clients; ``alone`` says that no other process speaks for them."""
    if settings.customer_bot_token is None or settings.staff_bot_token is None:
        raise BadSettings("CUSTOMER_BOT_TOKEN, STAFF_BOT_TOKEN: not set")
    tokens = {"customer": settings.customer_bot_token, "staff": settings.staff_bot_token}
    bots = {}
    for name, token in tokens.items():
        own = pace()
        if not alone:
            own.share(PaceOverAll(name))
        try:
            bots[name] = build_bot(token.get_secret_value(), api_url=settings.telegram_api_url, pace=own)
        except TokenValidationError:
            raise BadSettings(f"{name.upper()}_BOT_TOKEN: has not the form that @BotFather gives") from None
    if bots["customer"].id == bots["staff"].id:
        raise BadSettings("CUSTOMER_BOT_TOKEN, STAFF_BOT_TOKEN: two different bots are needed")
    return bots
