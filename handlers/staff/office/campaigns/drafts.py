"""A campaign's draft: its text, picture and button, who is kept out, a look at it and a test."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.campaign_views import CampaignView, Letter
from core.domain.campaigns import CampaignBegun, CampaignLink, CampaignLong, State
from handlers import letters
from handlers.callbacks import OnCampaign
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.keyboards import inline
from handlers.staff.office.campaigns import screens
from handlers.staff.photos import PHOTO
from handlers.staff.states import Campaigning
from handlers.ui import Screen
from handlers.wording import from_telegram

HELD = frozenset({State.CHOOSING, State.SENDING})
"""States whose screen is kept up to date."""


def build() -> Router:
    router = Router(name="staff-office-campaigns-drafts")
    press, typed = router.callback_query.register, router.message.register
    press(listed, OnCampaign.filter(F.do == "list"))
    press(begun, OnCampaign.filter(F.do == "new"))
    press(opened, OnCampaign.filter(F.do == "open"))
    press(ask_text, OnCampaign.filter(F.do == "text"))
    press(ask_picture, OnCampaign.filter(F.do == "picture"))
    press(picture_off, OnCampaign.filter(F.do == "picture_off"))
    press(ask_button, OnCampaign.filter(F.do == "button"))
    press(button_off, OnCampaign.filter(F.do == "button_off"))
    press(sms_turned, OnCampaign.filter(F.do == "sms"))
    press(ask_control, OnCampaign.filter(F.do == "control"))
    press(control_chosen, OnCampaign.filter(F.do == "share"))
    press(ask_days, OnCampaign.filter(F.do == "days"))
    press(days_chosen, OnCampaign.filter(F.do == "count_days"))
    press(looked_at, OnCampaign.filter(F.do == "look"))
    press(tested, OnCampaign.filter(F.do == "test"))
    press(ask_delete, OnCampaign.filter(F.do == "delete"))
    press(deleted, OnCampaign.filter(F.do == "delete_sure"))
    typed(text_typed, Campaigning.text, ANSWER)
    typed(picture_sent, Campaigning.picture, PHOTO)
    typed(button_typed, Campaigning.button, ANSWER)
    return router


async def listed(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    await desk.open(None)
    await show_list(desk, callback_data.n)


async def show_list(desk: Desk, page: int = 0) -> None:
    rows, more = await desk.core.campaigns.newest(desk.actor, page)
    await desk.show(screens.listed(desk.ui, rows, page, more=more, zone=desk.actor.time_zone, now=desk.now))


async def begun(press: CallbackQuery, desk: Desk) -> None:
    view = await desk.core.campaigns.create(desk.actor, key=desk.key)
    await show(desk, view)


async def opened(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    await show(desk, await desk.core.campaigns.look(desk.actor, callback_data.id))


async def show(desk: Desk, view: CampaignView) -> None:
    """A campaign as it stands; one that is being sent is kept up to date in this message from now on."""
    await desk.open(None)
    shown = await desk.show(screens.campaign_screen(desk.ui, view, desk.actor.time_zone))
    if view.row.state in HELD:
        await desk.core.sendings.show_on(desk.actor, view.row.id, shown.message_id)


async def draft(desk: Desk, campaign_id: int) -> CampaignView:
    """What a question is about to change. Raises CampaignBegun for the button of an old screen."""
    view = await desk.core.campaigns.look(desk.actor, campaign_id)
    if view.row.state != State.DRAFT:
        raise CampaignBegun(state=view.row.state)
    return view


async def ask_text(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    view = await draft(desk, callback_data.id)
    words = letters.field_words(desk.ui.renderer, desk.ui.language)
    screen = screens.ask(desk.ui, "text", callback_data.id, words=words, body=view.row.body)
    await desk.ask(Campaigning.text, screen, campaign_id=callback_data.id)


async def text_typed(message: Message, desk: Desk) -> None:
    """The text with its formatting. What is wrong with it is said, and the question stays open."""
    campaign_id = (await desk.data())["campaign_id"]
    body = from_telegram(message.html_text).strip()
    found = letters.problems(desk.ui.renderer, desk.ui.language, body)
    if found:
        await desk.say(
            "staff/office/texts/problems",
            problems=found,
            field="{" + letters.field_words(desk.ui.renderer, desk.ui.language)[1] + "}",
        )
        return
    view = await desk.core.campaigns.look(desk.actor, campaign_id)
    _refuse_long(desk, view, body)
    await show(desk, await desk.core.campaigns.edit(desk.actor, campaign_id, body=body))


async def ask_picture(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    view = await draft(desk, callback_data.id)
    off = [screens.key(desk.ui, "picture_off", callback_data.id)] if view.row.photo else []
    screen = screens.ask(desk.ui, "picture", callback_data.id, off)
    await desk.ask(Campaigning.picture, screen, campaign_id=callback_data.id)


async def picture_sent(message: Message, desk: Desk) -> None:
    """A photo. The customer bot can't use the staff bot's file, so the picture itself is kept."""
    campaign_id = (await desk.data())["campaign_id"]
    if not message.photo or message.bot is None:
        raise CampaignLong(where="document", high=0, length=None)
    picture = message.photo[-1]
    view = await desk.core.campaigns.look(desk.actor, campaign_id)
    _refuse_long(desk, view, view.row.body, under_picture=True)
    content = await desk.fetch_photo(message.bot, picture.file_id)
    await show(desk, await desk.core.campaigns.set_picture(desk.actor, campaign_id, picture.file_id, content))


async def picture_off(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    await show(desk, await desk.core.campaigns.set_picture(desk.actor, callback_data.id, None, None))


async def ask_button(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    view = await draft(desk, callback_data.id)
    off = [screens.key(desk.ui, "button_off", callback_data.id)] if view.row.button_link else []
    screen = screens.ask(desk.ui, "button", callback_data.id, off, row=view.row)
    await desk.ask(Campaigning.button, screen, campaign_id=callback_data.id)


async def button_typed(message: Message, desk: Desk) -> None:
    """The button's words, and behind them the link; a link alone gets the usual words."""
    campaign_id = (await desk.data())["campaign_id"]
    label, _, link = desk.typed.strip().rpartition(" ") if " " in desk.typed.strip() else ("", "", desk.typed)
    if "\n" in desk.typed.strip():
        label, _, link = desk.typed.strip().rpartition("\n")
    if not link.strip():
        raise CampaignLink(high=0)
    label = " ".join(label.split()) or desk.ui.label("office.campaigns.open_link")
    before = await desk.core.campaigns.look(desk.actor, campaign_id)
    _refuse_long(desk, before, before.row.body, link=link.strip())
    view = await desk.core.campaigns.edit(desk.actor, campaign_id, button_label=label, button_link=link.strip())
    await show(desk, view)


async def button_off(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    view = await desk.core.campaigns.edit(desk.actor, callback_data.id, button_label=None, button_link=None)
    await show(desk, view)


async def sms_turned(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    """SMS for those without the bot, or none; a text too long for SMS stays without."""
    view = await desk.core.campaigns.look(desk.actor, callback_data.id)
    wanted = not view.row.by_sms
    _refuse_long(desk, view, view.row.body, by_sms=wanted)
    await show(desk, await desk.core.campaigns.edit(desk.actor, callback_data.id, by_sms=wanted))


def _refuse_long(
    desk: Desk,
    view: CampaignView,
    body: str | None,
    *,
    under_picture: bool | None = None,
    by_sms: bool | None = None,
    link: str | None = None,
) -> None:
    """Refuse a text that can't be sent with the draft's other parts, or with what is to become of one of them."""
    row = view.row
    if body is not None:
        letters.refuse_long(
            desk.ui.renderer,
            body,
            under_picture=row.photo is not None if under_picture is None else under_picture,
            by_sms=row.by_sms if by_sms is None else by_sms,
            link=link or row.button_link,
        )


async def ask_control(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    await desk.show(screens.control(desk.ui, await draft(desk, callback_data.id)))


async def control_chosen(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    await show(desk, await desk.core.campaigns.edit(desk.actor, callback_data.id, control_share=callback_data.n))


async def ask_days(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    await desk.show(screens.days(desk.ui, await draft(desk, callback_data.id)))


async def days_chosen(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    await show(desk, await desk.core.campaigns.edit(desk.actor, callback_data.id, result_days=callback_data.n))


async def looked_at(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    """The letter as a real customer would get it, and under it the draft anew."""
    letter = await desk.core.campaigns.sample(desk.actor, callback_data.id)
    view = await desk.core.campaigns.look(desk.actor, callback_data.id)
    shown = letters.letter_screen(desk.ui.renderer, letter)
    await desk.answer()
    if view.row.photo is not None and press.message is not None:
        await press.message.answer_photo(view.row.photo, caption=shown.text, reply_markup=shown.keyboard)
    else:
        await desk.add(shown)
    # The customer's own link would be theirs to press: whoever follows it refuses in their name.
    sms = letters.whole_sms(desk.ui.renderer, letter, "…") if view.by_sms else None
    parts = letters.sms_parts(desk.ui.renderer, letter, stop_link(desk, letter)) if view.by_sms else 0
    text = desk.ui.text(f"{screens.AREA}/looked", name=letter.data.get("name"), sms=sms, parts=parts)
    await desk.add(Screen(text, inline([screens.back(desk.ui, callback_data.id)])))


def stop_link(desk: Desk, letter: Letter) -> str:
    return desk.core.consents.stop_link(letter.customer_id)


async def tested(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    """Send it to staff members in the customer bot."""
    number = await desk.core.campaigns.test(desk.actor, callback_data.id, key=desk.key)
    await desk.say(f"{screens.AREA}/tested", number=number)


async def ask_delete(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    await desk.core.campaigns.look(desk.actor, callback_data.id)
    await desk.show(screens.delete(desk.ui, callback_data.id))


async def deleted(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    await desk.core.campaigns.delete(desk.actor, callback_data.id)
    await show_list(desk)
