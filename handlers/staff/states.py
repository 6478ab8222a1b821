"""Which question the staff bot has asked. Data: ids and answers typed so far, never what is owed or owned.

``amount`` is a sum that was typed together with a customer who has yet to be registered: it is priced then.
``message_id`` is the bot's message with the question; its buttons answer that question only.
"""

from aiogram.fsm.state import State, StatesGroup


class Finding(StatesGroup):
    """Somebody was not found. What is typed next looks for somebody else."""

    unknown = State()  # phone, perhaps amount
    card = State()  # card, perhaps amount


class Selling(StatesGroup):
    """A customer's purchase."""

    panel = State()  # customer_id: a short sum is their purchase
    total = State()  # customer_id: any sum is
    quote = State()  # customer_id, purchase_id: a short sum corrects the quote's
    points = State()  # purchase_id: how many points to spend
    code = State()  # purchase_id: the code that the customer was sent
    coupon = State()  # purchase_id: a coupon's code
    part = State()  # purchase_id: how much is paid at once
    split = State()  # purchase_id, method: how much is paid in another way
    receipt = State()  # purchase_id: the number of the receipt
    rest = State()  # purchase_id, paid, left: how much is paid of the rest


class Choosing(StatesGroup):
    """Products of a sale: customer_id, purchase_id (0 for a sale that has not begun)."""

    shelf = State()  # search, category: what is typed is looked for
    quantity = State()  # product_id
    price = State()  # product_id: what one costs


class Refunding(StatesGroup):
    """A refund: purchase_id."""

    choose = State()  # whose purchases are shown; no purchase yet
    look = State()  # a short sum is refunded; anyone typed is found as ever
    amount = State()
    lines = State()  # ticked
    sure = State()  # seen, perhaps amount, lines, reason


class Exchanging(StatesGroup):
    """Points for a gift: exchange_id."""

    code = State()  # the code that the customer was sent


class Joining(StatesGroup):
    """A new customer's questionnaire: phone, name, birthday, card; perhaps amount."""

    phone = State()  # perhaps card
    name = State()
    birthday = State()
    card = State()
    code = State()  # registration_id


class Editing(StatesGroup):
    """A known customer: customer_id."""

    name = State()
    birthday = State()
    card = State()
    visit = State()  # when they are awaited
    category = State()  # a category's name
    bind = State()  # card, perhaps amount: a known customer waits for the press that gives them this card


class Following(StatesGroup):
    """Levels and rules; ``seen`` is the version of the settings that was shown."""

    level_name = State()  # seen
    level_start = State()  # seen, name: the new level's threshold
    level_field = State()  # seen, at, field
    rule_threshold = State()  # seen, at (None for a new rule), rule
    rule_value = State()  # the same
    rule_days = State()  # seen, name: days without a visit


class Managing(StatesGroup):
    """Customers, members, cards, branches, reviews and points by hand."""

    phone = State()  # member_id: a member's own phone
    points = State()  # customer_id: how many points by hand
    reason = State()  # customer_id, points: why
    log = State()  # at: whom or what the log is looked through for
    find_card = State()
    card_range = State()
    find_customer = State()
    name = State()  # customer_id
    birthday = State()  # customer_id
    merge = State()  # customer_id: who is kept; the other one is typed
    branch_name = State()  # branch_id, None for a new one
    branch_zone = State()  # branch_id, or the new one's name
    answer = State()  # purchase_id: what its review is answered


class Importing(StatesGroup):
    """A file to be loaded."""

    file = State()  # kind


class Cataloguing(StatesGroup):
    """Products and their categories."""

    shelf = State()  # search, category: what is typed is looked for
    name = State()  # a new product
    price = State()  # name: the new product's
    field = State()  # id, field: a new value
    group = State()  # id (0 for a new category), product (to be put into it, or 0): its name


class Wording(StatesGroup):
    """A message's text; ``pressed`` is the button that says which."""

    text = State()  # pressed
    preview = State()  # pressed, body: what waits for «Сохранить»


class Campaigning(StatesGroup):
    """A campaign's draft: campaign_id."""

    text = State()
    picture = State()
    button = State()
    span = State()  # name: a condition's span
    moment = State()  # when it begins


class Setting(StatesGroup):
    """A change of the programme's settings; ``branch`` is None for the whole network."""

    value = State()  # branch, name: a new value
    preview = State()  # branch, changes, follow, version, back: what waits for «Сохранить»
    pairs = State()  # branch, ticked, version: a draft of the grid
    exclusions = State()  # listed, all, version, search, page: a draft of the list
    gift_title = State()
    days_before = State()  # days before points expire
    step_numbers = State()  # a win-back step: days, points, life
    step_words = State()  # numbers
    gift_points = State()  # title


class Offering(StatesGroup):
    """A promotion or a coupon before it is saved: ``draft`` is what was chosen so far (office.offers.draft)."""

    board = State()  # draft: what waits for «Сохранить»
    field = State()  # draft, field: what is asked for, by buttons and by typing
