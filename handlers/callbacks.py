"""What buttons carry: ids only, at most 64 bytes. Every press is checked anew in the core.

However long it gets it stays one file, since it is one list of declarations, and no two may have one prefix.
"""

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from core.domain.catalogue import MAX_QUANTITY

Id = Annotated[int, Field(ge=0, lt=2**63)]
"""A number that a database key can hold: anything else is no button of ours."""


# --- customer bot -------------------------------------------------------------------------------------
class Go(CallbackData, prefix="g"):
    """A plain move without an id: ``to`` names the step (resend, change_phone, agree, gifts …)."""

    to: str


class HistoryAt(CallbackData, prefix="h"):
    """A page of one's own history."""

    page: Id


class Confirm(CallbackData, prefix="c"):
    """The customer's yes or no to one question: a purchase's hold, and not another one asked later."""

    purchase_id: Id
    hold_id: Id
    yes: bool


class ConfirmGift(CallbackData, prefix="cf"):
    """The customer's yes or no to exchanging points for a gift."""

    exchange_id: Id
    yes: bool


class OnOwnReview(CallbackData, prefix="ry"):
    """What a customer says of the purchase ``id``: rate (by ``stars``), skip the words."""

    do: str
    id: Id
    stars: Annotated[int, Field(ge=0, le=5)] = 0


class Topic(CallbackData, prefix="t"):
    """Messages of a topic on a channel, switched to ``on``."""

    topic: str
    channel: str
    on: bool


class Language(CallbackData, prefix="l"):
    """The language chosen among the settings."""

    code: str


class Speak(CallbackData, prefix="y"):
    """The language chosen where nothing else is on the screen, by a visitor, too."""

    code: str


# --- staff bot ----------------------------------------------------------------------------------------
class Ask(CallbackData, prefix="a"):
    """An answer to the open question: register, bind, skip, issue, link."""

    to: str


class OnCard(CallbackData, prefix="k"):
    """Something to do with a card that nobody holds yet: create, look."""

    do: str
    number: Annotated[str, Field(pattern=r"^[0-9]{4,20}$")]


class OnCustomer(CallbackData, prefix="p"):
    """Something to do with a customer: panel, sale, again, profile, name, birthday, card, replace, history,
    came, no_show, expect, categories, category, refresh, consents, terms, refuse, refuse_sure, points."""

    do: str
    customer_id: Id
    page: Id = 0


class OnSale(CallbackData, prefix="s"):
    """Something to do with a sale: accrue, spend, other, code, stop, cancel, undo, look, part, rest,
    rest_all, coupon, no_coupon."""

    do: str
    purchase_id: Id


class OnItem(CallbackData, prefix="it"):
    """Products of a sale (0 for one that has not begun): start (for the customer ``n``), shelf and groups (page
    ``n``), all, lines; of the category ``n``: group; of the product ``n`` (0 for the rest of a typed total): take,
    line, set (to ``quantity``, in thousandths), drop."""

    do: str
    purchase_id: Id = 0
    n: Id = 0
    quantity: Annotated[int, Field(ge=0, le=MAX_QUANTITY)] = 0


class OnWay(CallbackData, prefix="wy"):
    """How a sale is made and paid: type, method, split (a part in another way); ``word`` is which."""

    do: str
    purchase_id: Id
    word: str


class OnRefund(CallbackData, prefix="b"):
    """A refund: list (``id`` of a customer or 0, page ``n``), and of the purchase ``id``: look, whole, sum, lines,
    line (number ``n``), ticked, sure."""

    do: str
    id: Id = 0
    n: Id = 0


class OnGift(CallbackData, prefix="u"):
    """Gifts for points: list (``id`` of a customer), take (gift ``n`` for them); of the exchange ``id``: code,
    stop, undo, look."""

    do: str
    id: Id = 0
    n: Id = 0


class OnVisit(CallbackData, prefix="vi"):
    """Visits of the day: list, came, no_show."""

    do: str
    id: Id = 0


class OnCategory(CallbackData, prefix="cg"):
    """Put a customer into a category or take them out: add, remove; ``tag`` stands for its name."""

    do: str
    customer_id: Id
    tag: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]


class OnRegistration(CallbackData, prefix="r"):
    """Something to do with a registration at the till: issue (also once more), link."""

    do: str
    registration_id: Id


class OnOffice(CallbackData, prefix="o"):
    """The office's menu: menu."""

    do: str


class OnProgramme(CallbackData, prefix="f"):
    """Settings: open, sections, section, look, change, choose, remove, follow, save, what_if, history, presets,
    preset, pairs, pair, pairs_done, gifts, gift_add, gift_remove, exclusions, exclude, exclude_all, exclude_none,
    exclude_page, excluded, nth_categories, nth_category,
    soon, soon_ask, soon_none, steps, step_add, step_remove.

    ``branch`` 0 is the whole network, ``name`` a setting; ``word`` a section, a choice, a page, a preset.
    """

    do: str
    branch: Id = 0
    name: str = ""
    word: str = ""


class OnLevel(CallbackData, prefix="lv"):
    """Levels: list, add, metric, count; of the one ``at``: open, edit, own, delete, delete_sure. ``seen`` is the
    version of the settings that was shown, ``word`` a part of a level or what is counted."""

    do: str
    at: Id = 0
    seen: Id = 0
    word: str = ""


class OnRule(CallbackData, prefix="rl"):
    """Rules: list (``at`` is the page), add, trigger, class, days, never; of the one ``at``: open, threshold,
    value, delete. ``seen`` is the version of the settings that was shown."""

    do: str
    at: Id = 0
    seen: Id = 0
    word: str = ""


class OnProduct(CallbackData, prefix="pr"):
    """The catalogue: list (page ``n``), all, add, no_price, export, groups (page ``n``), new_group; of the product
    ``id``: open, edit (``word`` is a field), clear (the same), sold, unsold, choose (a category, page ``n``), put
    (into the category ``n``, 0 for none), make; of the category ``id``: group, in_group, rename, delete."""

    do: str
    id: Id = 0
    n: Id = 0
    word: str = ""


class OnImport(CallbackData, prefix="im"):
    """Files to be loaded: ask for one of a ``kind``; of the file ``id``: load, errors, look."""

    do: str
    kind: str = ""
    id: Id = 0


class OnCards(CallbackData, prefix="cd"):
    """Cards: menu, find, load; page (of the status ``word`` after the card ``id``, before it with ``n`` 1); of the
    card ``id``: open, block, unblock."""

    do: str
    id: Id = 0
    word: str = ""
    n: Id = 0


class OnPeople(CallbackData, prefix="pe"):
    """Customers: list (sorted by ``word``, after the one whose cursor is ``id``, before with ``n`` 1), sorts,
    find; of the customer ``id``: open, purchases (``n`` is the page), name, birthday, language, speak (``word``),
    block, block_sure, unblock, merge; merge_with, merge_ask and merge_sure make ``n`` a part of ``id``."""

    do: str
    id: Id = 0
    word: str = ""
    n: Id = 0


class OnBranch(CallbackData, prefix="br"):
    """Branches: list, add; of the branch ``id`` (0 for a new one): open, rename, move, close, close_sure, reopen,
    zone (the ``n``-th of those offered)."""

    do: str
    id: Id = 0
    n: Id = 0


class OnFiles(CallbackData, prefix="fl"):
    """Import and export: menu, export, export_sure, download (of the job ``id``)."""

    do: str
    id: Id = 0


class OnOffer(CallbackData, prefix="of"):
    """Promotions and coupons, ``word`` says which: list (``id`` is the page), new; of the one ``id``: open,
    on, off, edit, codes, uses (``word`` is the page). Of the draft that is open: board, ask (a field),
    set (field.value), save."""

    do: str
    id: Id = 0
    word: str = ""


class OnText(CallbackData, prefix="tx"):
    """Texts of messages: open, group; of the message ``word`` in a language by a channel: look, edit, save,
    reset."""

    do: str
    word: str = ""
    language: str = ""
    channel: str = "telegram"


class OnTopic(CallbackData, prefix="tp"):
    """What is told at all: list, locked; of a topic: look, switch (``what``: on, telegram, sms; ``to``: what it
    becomes)."""

    do: str
    topic: str = ""
    what: str = ""
    to: bool = False


class OnCampaign(CallbackData, prefix="cp"):
    """Campaigns: list (``n`` is the page), new; of the one ``id``: open and what its screens hold. ``word``
    names a condition or a part of one, ``n`` is a choice, a percent, days, or minutes since the epoch."""

    do: str
    id: Id = 0
    word: str = ""
    n: Id = 0


class OnReview(CallbackData, prefix="rv"):
    """Reviews: board (over ``n`` days), list (``n`` is the page, ``low`` only those of few stars); of the purchase
    ``id``: open, answer."""

    do: str
    id: Id = 0
    n: Annotated[int, Field(ge=0, lt=10**6)] = 0
    low: bool = False


class OnShift(CallbackData, prefix="d"):
    """Today in a branch; 0 stands for all of them."""

    branch_id: Id


class OnLog(CallbackData, prefix="lg"):
    """The log: list (``n`` is the page), row (``n`` is its id), who, kinds, days, about. The rest narrows it:
    to a member, a kind, a day as 20260302, a customer, a purchase. Bounded so that all of it fits a button."""

    do: str
    who: Annotated[int, Field(ge=0, lt=10**8)] = 0
    kind: str = ""
    day: Annotated[int, Field(ge=0, lt=10**8)] = 0
    of: Annotated[int, Field(ge=0, lt=10**10)] = 0
    sale: Annotated[int, Field(ge=0, lt=10**10)] = 0
    n: Annotated[int, Field(ge=0, lt=10**9)] = 0


class OnHeld(CallbackData, prefix="hd"):
    """Accruals that wait for a manager: list (``id`` is the page); of the purchase ``id``: open, give, refuse."""

    do: str
    id: Id = 0


class OnManual(CallbackData, prefix="mp"):
    """Points by hand that wait for a second person: list; of the one ``id``: open, yes, no."""

    do: str
    id: Id = 0


class OnSms(CallbackData, prefix="ms"):
    """Figures of messages: open, resume (codes of ``word``: bot or till)."""

    do: str
    word: str = ""


class OnTeam(CallbackData, prefix="m"):
    """Staff members: list and gone (``id`` is the page), invite, role, branch, invites, withdraw; of the member
    ``id``: member, roles, set_role, places, set_place, phone, dismiss, dismiss_sure. ``word`` is a role, or the
    number of the branch of set_place."""

    do: str
    id: Id = 0
    word: str = ""
