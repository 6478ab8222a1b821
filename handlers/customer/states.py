"""Which question the customer bot has asked. Beside the state only ids are kept, and never money."""

from aiogram.fsm.state import State, StatesGroup


class Registration(StatesGroup):
    """Becoming a customer, question by question.

    Data: ``referral`` (a promo code), ``registration_id``, ``phone`` (typed), ``proof_id``, ``messages``.
    """

    phone = State()
    code = State()
    consent = State()
    name = State()
    birthday = State()


class NewPhone(StatesGroup):
    """Another phone for a customer. Data: ``phone`` (typed)."""

    phone = State()
    code = State()


class Reviewing(StatesGroup):
    """Words after stars. Data: ``purchase_id``."""

    words = State()


class Invitation(StatesGroup):
    """Entering a friend's promo code."""

    promo_code = State()
