"""Joining by a link, and what everybody else is told: nothing."""

from aiogram import Router
from aiogram.filters import CommandObject, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message, ReplyKeyboardRemove, TelegramObject, User

from core.actors import StaffActor, Visitor
from core.domain.errors import InviteInvalid
from core.domain.people import Role
from core.services import Services
from handlers.input_error import InputError
from handlers.parse import parse_name, parse_payload
from handlers.staff import commands, keyboards
from handlers.ui import Screen, Ui, show


def build() -> Router:
    """The router of those who don't work here. It answers everything that they send."""
    router = Router(name="staff-access")
    router.message.filter(is_stranger)
    router.callback_query.filter(is_stranger)
    router.message.register(follow_link, CommandStart(deep_link=True))
    router.message.register(turn_away)
    router.callback_query.register(turn_away_press)
    return router


def is_stranger(_: TelegramObject, actor: StaffActor | None) -> bool:
    """A filter: the account belongs to no active member."""
    return actor is None


async def follow_link(message: Message, command: CommandObject, state: FSMContext, core: Services, ui: Ui) -> None:
    """A good invitation makes a member; a bad one is not told from none."""
    payload = parse_payload(command.args)
    if payload.kind != "join" or message.from_user is None:
        await turn_away(message, state, ui)
        return
    visitor = Visitor(message.from_user.id, ui.language)
    try:
        actor = await core.staff.join(visitor, payload.value, name_of(message.from_user, ui))
    except InviteInvalid:
        await turn_away(message, state, ui)
        return
    await state.clear()
    if actor.role.rank >= Role.MANAGER.rank:
        await commands.offer_to_manager(message.bot, ui.renderer, actor.telegram_id, ui.language)
    role = ui.label(f"role.{actor.role.value}")
    await show(message, Screen(ui.text("staff/home", actor=actor, role=role), keyboards.menu(ui, actor)))
    await show(message, Screen(ui.text("staff/share_phone")))


def name_of(user: User, ui: Ui) -> str:
    """The name of the account, or a word where it has none that can be shown."""
    try:
        return parse_name(user.first_name)
    except InputError:
        return ui.label("team.nameless")


async def turn_away(message: Message, state: FSMContext, ui: Ui) -> None:
    """The same sentence whatever was sent; a dismissed member's menu and questions go."""
    await state.clear()
    await show(message, Screen(ui.text("staff/stranger"), ReplyKeyboardRemove()))


async def turn_away_press(press: CallbackQuery, state: FSMContext, ui: Ui) -> None:
    await state.clear()
    await press.answer(ui.plain("staff/stranger"), show_alert=True)
