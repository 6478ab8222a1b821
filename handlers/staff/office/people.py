"""«Клиенты»: lists and search, one customer whole, edited, blocked, and two made one."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.directory import SORTS
from core.preferences import LANGUAGES
from handlers.callbacks import OnPeople
from handlers.parse import parse_birthday, parse_name
from handlers.rendering import Renderer
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.office import people_screens as screens
from handlers.staff.states import Managing

MOST_PAGES = 10**6


def build(renderer: Renderer) -> Router:
    """The router of the area."""
    router = Router(name="staff-office-people")
    press = router.callback_query.register
    press(listed, OnPeople.filter((F.do == "list") & F.word.in_(set(SORTS))))
    press(sorts, OnPeople.filter(F.do == "sorts"))
    press(ask_whom, OnPeople.filter(F.do == "find"))
    press(opened, OnPeople.filter(F.do == "open"))
    press(bought, OnPeople.filter((F.do == "purchases") & (F.n < MOST_PAGES)))
    press(ask_name, OnPeople.filter(F.do == "name"))
    press(ask_birthday, OnPeople.filter(F.do == "birthday"))
    press(ask_language, OnPeople.filter(F.do == "language"))
    press(language_chosen, OnPeople.filter((F.do == "speak") & F.word.in_(set(LANGUAGES))))
    press(ask_block, OnPeople.filter(F.do == "block"))
    press(block, OnPeople.filter(F.do == "block_sure"))
    press(unblock, OnPeople.filter(F.do == "unblock"))
    press(ask_other, OnPeople.filter(F.do == "merge"))
    press(other_chosen, OnPeople.filter(F.do.in_({"merge_with", "merge_ask"})))
    press(merge, OnPeople.filter(F.do == "merge_sure"))
    router.message.register(whom_typed, Managing.find_customer, ANSWER)
    router.message.register(name_typed, Managing.name, ANSWER)
    router.message.register(birthday_typed, Managing.birthday, ANSWER)
    router.message.register(other_typed, Managing.merge, ANSWER)
    return router


async def listed(press: CallbackQuery, callback_data: OnPeople, desk: Desk) -> None:
    """A page of the sorted list."""
    await desk.open(None)
    found = await desk.core.directory.page(
        desk.actor, callback_data.word, callback_data.id or None, backwards=bool(callback_data.n)
    )
    size = await desk.core.directory.size(desk.actor)
    await desk.show(screens.listed(desk.ui, found, size, desk.actor.time_zone))


async def sorts(press: CallbackQuery, desk: Desk) -> None:
    await desk.show(screens.sorts(desk.ui))


async def ask_whom(press: CallbackQuery, desk: Desk) -> None:
    await desk.ask(Managing.find_customer, screens.ask(desk.ui, "whom"))


async def whom_typed(message: Message, desk: Desk) -> None:
    """A name, phone or card, or how it begins; the next one typed is looked for, too."""
    found = await desk.core.directory.search(desk.actor, desk.typed)
    await desk.show(screens.results(desk.ui, desk.typed, found))


async def opened(press: CallbackQuery, callback_data: OnPeople, desk: Desk) -> None:
    await desk.open(None)
    await _show(desk, callback_data.id)


async def bought(press: CallbackQuery, callback_data: OnPeople, desk: Desk) -> None:
    """A page of what the customer bought, in all branches."""
    await desk.open(None)
    customer_id, page = callback_data.id, callback_data.n
    name, found, has_more = await desk.core.directory.purchases(desk.actor, customer_id, page)
    await desk.show(screens.purchases(desk.ui, customer_id, name, found, page, has_more=has_more))


async def ask_name(press: CallbackQuery, callback_data: OnPeople, desk: Desk) -> None:
    screen = screens.ask(desk.ui, "name", callback_data.id)
    await desk.ask(Managing.name, screen, customer_id=callback_data.id)


async def name_typed(message: Message, desk: Desk) -> None:
    customer_id = (await desk.data())["customer_id"]
    await desk.core.directory.edit(desk.actor, customer_id, name=parse_name(desk.typed))
    await _show(desk, customer_id)
    await desk.open(None)


async def ask_birthday(press: CallbackQuery, callback_data: OnPeople, desk: Desk) -> None:
    screen = screens.ask(desk.ui, "birthday", callback_data.id)
    await desk.ask(Managing.birthday, screen, customer_id=callback_data.id)


async def birthday_typed(message: Message, desk: Desk) -> None:
    customer_id = (await desk.data())["customer_id"]
    await desk.core.directory.edit(desk.actor, customer_id, birthday=parse_birthday(desk.typed, desk.today))
    await _show(desk, customer_id)
    await desk.open(None)


async def ask_language(press: CallbackQuery, callback_data: OnPeople, desk: Desk) -> None:
    await desk.show(screens.languages(desk.ui, callback_data.id))


async def language_chosen(press: CallbackQuery, callback_data: OnPeople, desk: Desk) -> None:
    await desk.core.directory.edit(desk.actor, callback_data.id, language=callback_data.word)
    await _show(desk, callback_data.id)


async def ask_block(press: CallbackQuery, callback_data: OnPeople, desk: Desk) -> None:
    it = await desk.core.directory.profile(desk.actor, callback_data.id)
    await desk.show(screens.blocking(desk.ui, it))


async def block(press: CallbackQuery, callback_data: OnPeople, desk: Desk) -> None:
    await desk.core.directory.block(desk.actor, callback_data.id)
    await _show(desk, callback_data.id)


async def unblock(press: CallbackQuery, callback_data: OnPeople, desk: Desk) -> None:
    await desk.core.directory.unblock(desk.actor, callback_data.id)
    await _show(desk, callback_data.id)


async def ask_other(press: CallbackQuery, callback_data: OnPeople, desk: Desk) -> None:
    """Ask for the other customer who is the same person."""
    screen = screens.ask(desk.ui, "other", callback_data.id)
    await desk.ask(Managing.merge, screen, customer_id=callback_data.id)


async def other_typed(message: Message, desk: Desk) -> None:
    """Show who was found, but for the one who is kept."""
    kept_id = (await desk.data())["customer_id"]
    found = await desk.core.directory.search(desk.actor, desk.typed)
    others = tuple(each for each in found if each.id != kept_id)
    await desk.show(screens.results(desk.ui, desk.typed, others, kept_id=kept_id))


async def other_chosen(press: CallbackQuery, callback_data: OnPeople, desk: Desk) -> None:
    """Both side by side; asked once more before they are one."""
    await desk.open(None)
    it = await desk.core.merging.look(desk.actor, callback_data.id, callback_data.n)
    await desk.show(screens.merging(desk.ui, it, sure=callback_data.do == "merge_ask"))


async def merge(press: CallbackQuery, callback_data: OnPeople, desk: Desk) -> None:
    kept_id = await desk.core.merging.merge(desk.actor, callback_data.id, callback_data.n)
    await desk.answer(desk.ui.label("office.people.merged"))
    await _show(desk, kept_id)


async def _show(desk: Desk, customer_id: int) -> None:
    it = await desk.core.directory.profile(desk.actor, customer_id)
    await desk.show(screens.profile(desk.ui, it, desk.actor.time_zone))
