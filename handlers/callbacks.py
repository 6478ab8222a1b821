"""What buttons carry: ids only, at most 64 bytes. Every press is checked anew in the core."""

from aiogram.filters.callback_data import CallbackData


# --- customer bot -------------------------------------------------------------------------------------
class Go(CallbackData, prefix="g"):
    """A plain move without an id: ``to`` names the step (resend, change_phone, agree, terms, skip …)."""

    to: str


class HistoryAt(CallbackData, prefix="h"):
    """A page of one's own history."""

    page: int


class Confirm(CallbackData, prefix="c"):
    """The customer's yes or no to a redemption."""

    purchase_id: int
    yes: bool


class Topic(CallbackData, prefix="t"):
    """Messages of a topic on a channel, switched to ``on``."""

    topic: str
    channel: str
    on: bool


class Language(CallbackData, prefix="l"):
    """The language chosen."""

    code: str


# --- staff bot ----------------------------------------------------------------------------------------
class OnCustomer(CallbackData, prefix="p"):
    """Something to do with a customer: ``do`` is sale, profile, card, history or panel."""

    do: str
    customer_id: int
    page: int = 0


class OnSale(CallbackData, prefix="s"):
    """Something to do with a sale: accrue, spend, other, cancel, code, stop, undo, again, look."""

    do: str
    purchase_id: int


class OnRegistration(CallbackData, prefix="r"):
    """Something to do with a registration at the till: issue, link, resend."""

    do: str
    registration_id: int


class OnTeam(CallbackData, prefix="m"):
    """Staff and branches: ``do`` is role, branch, dismiss …; ids and words as they fit."""

    do: str
    id: int = 0
    word: str = ""
