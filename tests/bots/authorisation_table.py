"""Who may do what in both bots: a row for every handler and every way into it.

The tests send each row's update from each kind of actor. Those in ``may`` reach the handler, and either
the named tables change or the named words are shown. For everybody else nothing changes, the press is
answered, and nothing is told of the customer or the sale. Rows that do the same with the same question open
stand for different actors. A new handler needs a row.

``send`` is what is done: a text (``/shift``, ``say 1500``), ``word`` with a menu label's key, ``press`` with a
button's data, ``photo``, ``share`` a contact, ``sticker``, ``blocks``. Braces name things of the estate.
"""

from handlers.staff.office.offers.draft import empty
from tests.bots.authorisation_actors import (
    AT_HERE,
    CUSTOMER_BOT,
    CUSTOMERS,
    HERE,
    MANAGERS,
    MANAGERS_HERE,
    NEWCOMERS,
    NOBODY,
    OUTSIDERS,
    SELLERS,
    SELLERS_HERE,
    THE_CUSTOMER,
    WORKERS,
    Row,
    Who,
)


def _rows(module: str, *rows: Row) -> tuple[Row, ...]:
    return tuple(Row(**(vars(row) | {"handler": f"{module}.{row.handler}"})) for row in rows)


AT_TILL = AT_HERE - {Who.OPERATOR}
OF_CUSTOMER = {"customer_id": "{customer}"}
OF_DRAFT = {"customer_id": "{customer}", "purchase_id": "{draft}", "message_id": 77}
OF_WAITING = {"purchase_id": "{waiting}", "message_id": 77}
NEW = {"phone": "{free_phone}", "card": None, "message_id": 77}
SOLD = ("purchase", "ledger_entry", "lot", "customer", "message")
CODE = ("verification_code", "message")
NEUTRAL = "служебный бот"

MEMBERSHIP = _rows(
    "staff.membership",
    Row("changed", "blocks", WORKERS | {Who.DISMISSED}, ("telegram_identity",)),
    Row("changed", "blocks", OUTSIDERS - {Who.DISMISSED}),
)
ACCESS = _rows(
    "staff.access",
    Row("follow_link", "/start join_{invite}", OUTSIDERS, ("staff_member", "staff_invite", "telegram_identity")),
    Row("follow_link", "/start join_{registration_token}", OUTSIDERS, says=NEUTRAL),
    Row("follow_link", "/start ref_{promo}", OUTSIDERS, says=NEUTRAL),
    Row("follow_link", "/start reg_{registration_token}", OUTSIDERS, says=NEUTRAL),
    Row("follow_link", "/start claim_{registration_token}", OUTSIDERS, says=NEUTRAL),
    Row("follow_link", "/start stop_{stop_of_nobody}", OUTSIDERS, says=NEUTRAL),
    Row("turn_away", "say hello", OUTSIDERS, says=NEUTRAL),
    Row("turn_away", "sticker", OUTSIDERS, says=NEUTRAL),
    Row("turn_away_press", "press rubbish", OUTSIDERS, says=NEUTRAL),
)
MENU = _rows(
    "staff.menu",
    Row("start", "/start", WORKERS, says="Member"),
    Row("start", "/start join_{invite}", WORKERS, says="Member"),
    Row("start", "/start ref_{promo}", WORKERS, says="Member"),
    Row("start", "/start reg_{registration_token}", WORKERS, says="Member"),
    Row("start", "/start claim_{registration_token}", WORKERS, says="Member"),
    Row("start", "/start stop_{stop_of_nobody}", WORKERS, says="Member"),
    Row("explain", "/help", WORKERS),
    Row("cancel", "/cancel", WORKERS),
    Row("cancel", "/cancel", SELLERS_HERE, ("purchase",), asked="Selling:quote", kept=OF_DRAFT),
    Row("cancel", "/cancel", SELLERS_HERE, ("purchase", "hold"), asked="Selling:code", kept=OF_WAITING),
    Row("languages", "/language", WORKERS),
    Row("set_language", "press l:en", WORKERS, ("telegram_identity",)),
    Row("find", "word staff_menu.find", WORKERS),
    Row("shift", "/shift", WORKERS, says="41 234", says_to=AT_HERE),
    Row("other_shift", "press d:{here}", AT_HERE | {Who.OWNER}, says="41 234"),
    Row("other_shift", "press d:0", WORKERS, says="41 234", says_to=AT_HERE | {Who.OWNER}),
    Row("shift", "word staff_menu.shift", WORKERS, says="Member", says_to=frozenset({Who.MANAGER})),
)
OFFICE = _rows(
    "staff.office.menu",
    Row("opened", "/admin", MANAGERS),
    Row("opened", "word staff_menu.manage", MANAGERS, says="Основная точка", says_to=frozenset({Who.MANAGER})),
    Row("back", "press o:menu", MANAGERS),
)
OWNER = frozenset({Who.OWNER})
PREVIEWED = {
    "branch": None,
    "changes": {"accrual_percent": 700},
    "follow": "",
    "version": 1,
    "back": "f:look:0:accrual_percent:",
    "message_id": 77,
}
AT_PREVIEW = {"asked": "Setting:preview", "kept": PREVIEWED}
AT_PAIRS = {"asked": "Setting:pairs", "kept": {"branch": None, "ticked": [], "version": 1, "message_id": 77}}
OF_VALUE = {"branch": None, "name": "accrual_percent", "message_id": 77}
PROGRAMME = _rows(
    "staff.office.programme",
    Row("boards.opened", "press f:open:0::", MANAGERS, says="Вся сеть", says_to=OWNER),
    Row("boards.sections", "press f:sections:0::", OWNER, says="вся сеть"),
    Row("boards.sections", "press f:sections:{here}::", MANAGERS_HERE, says="Основная точка"),
    Row("boards.section", "press f:section:0::accrual", OWNER, says="Процент начисления"),
    Row("boards.section", "press f:section:{here}::accrual", MANAGERS_HERE, says="Процент начисления"),
    Row("boards.look", "press f:look:0:accrual_percent:", OWNER, says="Сейчас"),
    Row("boards.look", "press f:look:{here}:accrual_percent:", MANAGERS_HERE, says="Сейчас"),
    Row("boards.history", "press f:history:0::0", MANAGERS, says="командная строка"),
    Row("editing.ask", "press f:change:0:accrual_percent:", OWNER, says="сейчас"),
    Row("editing.ask", "press f:change:{here}:accrual_percent:", MANAGERS_HERE, says="сейчас"),
    Row("editing.choose", "press f:choose:0:status_on:0", OWNER, says="Проверьте"),
    Row("editing.choose", "press f:choose:{here}:status_on:0", MANAGERS_HERE, says="Проверьте"),
    Row("editing.choose", "press f:choose:{here}:referral_on:0", NOBODY),
    Row("editing.remove", "press f:remove:0:daily_accruals:", OWNER),
    Row("editing.remove", "press f:remove:{here}:daily_accruals:", NOBODY),
    Row("editing.follow", "press f:follow:{here}:status_on:", MANAGERS_HERE),
    Row("editing.follow", "press f:follow:{here}:levels:", NOBODY),
    Row("editing.typed", "say 7", OWNER, says="Проверьте", asked="Setting:value", kept=OF_VALUE),
    Row("editing.typed", "say 101", OWNER, says="100", asked="Setting:value", kept=OF_VALUE),
    Row("saving.save", "press f:save:0:accrual_percent:", OWNER, ("programme_version", "audit_row"), **AT_PREVIEW),
    Row("saving.what_if", "press f:what_if:0:accrual_percent:", OWNER, ("job",), **AT_PREVIEW),
    Row("saving.gone", "press f:save:0:accrual_percent:", MANAGERS),
    Row("saving.gone", "press f:what_if:0:accrual_percent:", MANAGERS),
    Row("presets.presets", "press f:presets:0::", OWNER),
    Row("presets.choose", "press f:preset:0::cafe", OWNER, says="Проверьте"),
    Row("pairs.grid", "press f:pairs:0::", OWNER),
    Row("pairs.grid", "press f:pairs:{here}::", MANAGERS_HERE),
    Row("pairs.grid", "press f:pair:{here}::", MANAGERS_HERE),
    Row("pairs.grid", "press f:pairs_done:{here}::", MANAGERS_HERE),
    Row("pairs.toggle", "press f:pair:0:eligible_pairs:delivery-card", MANAGERS, **AT_PAIRS),
    Row("pairs.done", "press f:pairs_done:0:eligible_pairs:", OWNER, says="Проверьте", **AT_PAIRS),
    Row("reminding.days", "press f:soon:0::", OWNER),
    Row("reminding.ask_days", "press f:soon_ask:0::", OWNER),
    Row("reminding.no_days", "press f:soon_none:0::", OWNER, says="Проверьте"),
    Row(
        "reminding.days_typed",
        "say 14, 3",
        OWNER,
        says="Проверьте",
        asked="Setting:days_before",
        kept={"message_id": 77},
    ),
    Row("reminding.steps", "press f:steps:0::", OWNER),
    Row("reminding.ask_step", "press f:step_add:0::", OWNER),
    Row("reminding.step_typed", "say 30 200 14", OWNER, asked="Setting:step_numbers", kept={"message_id": 77}),
    Row(
        "reminding.words_typed",
        "say Sample",
        OWNER,
        says="Проверьте",
        asked="Setting:step_words",
        kept={"numbers": [30, 200, 14], "message_id": 77},
    ),
    Row("reminding.remove_step", "press f:step_remove:0:win_back:0-1", OWNER, says="устарел"),
    Row("gifts.gifts", "press f:gifts:0::", OWNER),
    Row("gifts.ask_title", "press f:gift_add:0::", OWNER),
    Row("gifts.title_typed", "say Sample", OWNER, asked="Setting:gift_title", kept={"message_id": 77}),
    Row(
        "gifts.points_typed",
        "say 150",
        OWNER,
        says="Проверьте",
        asked="Setting:gift_points",
        kept={"title": "Sample", "message_id": 77},
    ),
    Row("gifts.remove", "press f:gift_remove:0:gifts:0-1", OWNER, says="устарел"),
)
OWNER = frozenset({Who.OWNER})
A_MANAGER = frozenset({Who.MANAGER})
OF_FIELD = {"id": "{product}", "field": "name", "message_id": 77}
NO_GROUP = {"id": 0, "product": 0, "message_id": 77}
SHELF = {"search": "", "category": None, "message_id": 77}
CATALOGUE = _rows(
    "staff.office.catalogue",
    Row("shelf.listed", "press pr:list:0:0:", MANAGERS, says="Каталог"),
    Row("shelf.everything", "press pr:all:0:0:", MANAGERS, says="Каталог"),
    Row("shelf.in_group", "press pr:in_group:{group}:0:", MANAGERS, says="Напитки"),
    Row("shelf.export", "press pr:export:0:0:", MANAGERS),
    Row("shelf.searched", "say Чай", MANAGERS, says="Нашлось", asked="Cataloguing:shelf", kept=SHELF),
    Row("shelf.photographed", "photo card", MANAGERS, asked="Cataloguing:shelf", kept=SHELF),
    Row("cards.opened", "press pr:open:{product}:0:", MANAGERS, says="Чай"),
    Row("cards.ask", "press pr:edit:{product}:0:name", MANAGERS),
    Row("cards.clear", "press pr:clear:{product}:0:price", MANAGERS, ("product", "audit_row")),
    Row("cards.switch", "press pr:unsold:{product}:0:", MANAGERS, ("product", "audit_row")),
    Row("cards.switch", "press pr:sold:{product}:0:", MANAGERS),
    Row("cards.add", "press pr:add:0:0:", MANAGERS),
    Row("cards.typed", "say Кофе", MANAGERS, ("product",), asked="Cataloguing:field", kept=OF_FIELD),
    Row(
        "cards.barcode_photographed",
        "photo card",
        MANAGERS,
        ("product",),
        asked="Cataloguing:field",
        kept=OF_FIELD | {"field": "barcode"},
    ),
    Row("cards.name_typed", "say Кофе", MANAGERS, asked="Cataloguing:name", kept={"message_id": 77}),
    Row(
        "cards.price_typed",
        "say 99",
        MANAGERS,
        ("product", "audit_row"),
        asked="Cataloguing:price",
        kept={"name": "Кофе", "message_id": 77},
    ),
    Row(
        "cards.without_price",
        "press pr:no_price:0:0:",
        MANAGERS,
        ("product", "audit_row"),
        asked="Cataloguing:price",
        kept={"name": "Кофе", "message_id": 77},
    ),
    Row("groups.listed", "press pr:groups:0:0:", MANAGERS, says="Категории"),
    Row("groups.opened", "press pr:group:{group}:0:", MANAGERS, says="Напитки"),
    Row("groups.choose", "press pr:choose:{product}:0:", MANAGERS, says="Чай"),
    Row("groups.put", "press pr:put:{product}:0:", MANAGERS, ("product", "audit_row")),
    Row("groups.ask_name", "press pr:new_group:0:0:", MANAGERS),
    Row("groups.ask_name", "press pr:rename:{group}:0:", MANAGERS),
    Row("groups.ask_name", "press pr:make:{product}:0:", MANAGERS),
    Row("groups.typed", "say Выпечка", MANAGERS, ("product_category",), asked="Cataloguing:group", kept=NO_GROUP),
    Row("groups.delete", "press pr:delete:{empty_group}:0:", MANAGERS, ("product_category", "audit_row")),
)
IMPORTING = _rows(
    "staff.office.importing",
    Row("ask", "press im:ask:products:0", MANAGERS, says="Артикул"),
    Row(
        "received", "document sheet", MANAGERS, ("import_file",), asked="Importing:file", kept={"kind": "products"}
    ),
    Row("typed", "say hello", MANAGERS, asked="Importing:file", kept={"kind": "products"}),
    Row("look", "press im:look::{import}", A_MANAGER, says="list.csv"),
    Row("load", "press im:load::{import}", A_MANAGER, ("import_file", "job", "audit_row")),
    Row("errors", "press im:errors::{import}", A_MANAGER),
)
EXCLUSIONS = {"listed": [], "all": False, "version": 1, "search": "", "page": 0, "message_id": 77}
AT_EXCLUSIONS = {"asked": "Setting:exclusions", "kept": EXCLUSIONS}
LEFT_OUT = _rows(
    "staff.office.programme",
    Row("exclusions.opened", "press f:exclusions:0::", OWNER, says="участвует"),
    Row("exclusions.opened", "press f:excluded:0:exclusions:", OWNER),
    Row("exclusions.opened", "press f:exclude:0:exclusions:c{group}", OWNER),
    Row("exclusions.opened", "press f:exclude_all:0:exclusions:", OWNER),
    Row("exclusions.opened", "press f:exclude_none:0:exclusions:", OWNER),
    Row("exclusions.opened", "press f:exclude_page:0:exclusions:1", OWNER),
    Row("exclusions.all_or_none", "press f:exclude_none:0:exclusions:", MANAGERS, **AT_EXCLUSIONS),
    Row("exclusions.toggle", "press f:exclude:0:exclusions:c{group}", MANAGERS, **AT_EXCLUSIONS),
    Row("exclusions.all_or_none", "press f:exclude_all:0:exclusions:", MANAGERS, **AT_EXCLUSIONS),
    Row("exclusions.turn", "press f:exclude_page:0:exclusions:1", MANAGERS, **AT_EXCLUSIONS),
    Row("exclusions.searched", "say Чай", MANAGERS, **AT_EXCLUSIONS),
    Row("exclusions.done", "press f:excluded:0:exclusions:", OWNER, **AT_EXCLUSIONS),
    Row("nth.listed", "press f:nth_categories:0:nth_category:", OWNER),
    Row("nth.choose", "press f:nth_category:0:nth_category:{group}", OWNER, says="Проверьте"),
)
OF_SHELF = SHELF | {"customer_id": "{customer}", "purchase_id": "{draft}"}
OF_LINE = {"customer_id": "{customer}", "purchase_id": "{draft}", "product_id": "{product}", "message_id": 77}
ITEMS = _rows(
    "staff",
    Row("items.opened", "press s:items:{draft}", SELLERS_HERE, says="Позиции"),
    Row("items.started", "press it:start:0:{customer}:0", SELLERS, says="Позиции"),
    Row("item_shelf.shelf", "press it:shelf:{draft}:0:0", SELLERS_HERE, says="Позиции"),
    Row("item_shelf.shelf", "press it:all:{draft}:0:0", SELLERS_HERE, says="Позиции"),
    Row("item_shelf.shelf", "press it:group:{draft}:{group}:0", SELLERS_HERE, says="Напитки"),
    Row("item_shelf.groups", "press it:groups:{draft}:0:0", WORKERS, says="Какая категория"),
    Row("item_lines.lines", "press it:lines:{draft}:0:0", SELLERS_HERE),
    Row(
        "item_taking.take",
        "press it:take:{draft}:{product}:0",
        SELLERS_HERE,
        ("purchase", "purchase_line"),
        says="Чай",
    ),
    Row("item_lines.line", "press it:line:{draft}:{product}:0", SELLERS_HERE),
    Row(
        "item_lines.set_quantity",
        "press it:set:{draft}:{product}:2000",
        SELLERS_HERE,
        ("purchase", "purchase_line"),
    ),
    Row("item_lines.drop", "press it:drop:{draft}:{product}:0", SELLERS_HERE, ("purchase", "purchase_line")),
    Row("item_taking.searched", "say Чай", SELLERS_HERE, asked="Choosing:shelf", kept=OF_SHELF),
    Row("item_taking.photographed", "photo card", WORKERS, asked="Choosing:shelf", kept=OF_SHELF),
    Row(
        "item_taking.quantity_typed",
        "say 3",
        SELLERS_HERE,
        ("purchase_line",),
        asked="Choosing:quantity",
        kept=OF_LINE,
    ),
    Row(
        "item_taking.price_typed", "say 99", SELLERS_HERE, ("purchase_line",), asked="Choosing:price", kept=OF_LINE
    ),
)
WAYS = _rows(
    "staff.ways",
    Row("opened", "press s:ways:{draft}", SELLERS_HERE),
    Row("type_chosen", "press wy:type:{draft}:delivery", SELLERS_HERE, ("purchase",)),
    Row("method_chosen", "press wy:method:{draft}:card", SELLERS_HERE, ("purchase",)),
    Row("ask_split", "press wy:split:{draft}:cash", SELLERS_HERE),
    Row(
        "split_typed",
        "say 0",
        SELLERS_HERE,
        ("purchase",),
        asked="Selling:split",
        kept=OF_DRAFT | {"method": "cash"},
    ),
)
LEVELS = _rows(
    "staff.office.levels",
    Row("listed", "press lv:list:0:0:", OWNER, says="Уровни"),
    Row("opened", "press lv:open:0:0:", OWNER, says="Silver"),
    Row("ask_new", "press lv:add:0:{version}:", OWNER),
    Row("name_typed", "say Gold", OWNER, asked="Following:level_name", kept={"seen": "{version}"}),
    Row(
        "start_typed",
        "say 9000",
        OWNER,
        ("programme_version", "job"),
        asked="Following:level_start",
        kept={"seen": "{version}", "name": "Gold"},
    ),
    Row("ask_field", "press lv:edit:0:{version}:name", OWNER),
    Row(
        "field_typed",
        "say 7",
        OWNER,
        ("programme_version", "job"),
        asked="Following:level_field",
        kept={"seen": "{version}", "at": 0, "field": "discount"},
    ),
    Row("left_to_programme", "press lv:own:0:{version}:accrual_percent", OWNER, ("programme_version", "job")),
    Row("ask_delete", "press lv:delete:0:{version}:", OWNER, says="Silver"),
    Row("delete", "press lv:delete_sure:0:{version}:", OWNER, ("programme_version", "job")),
    Row("ask_metric", "press lv:metric:0:{version}:", OWNER),
    Row("set_metric", "press lv:count:0:{version}:paid", OWNER, ("programme_version", "job")),
)
NEW_RULE = {
    "rule": {"effect": "class", "trigger": "sold", "threshold": 0, "percent": 0, "name": ""},
    "at": None,
    "seen": "{version}",
}
NEW_DISCOUNT = NEW_RULE | {"rule": NEW_RULE["rule"] | {"effect": "discount"}}
RULES = _rows(
    "staff.office.rules",
    Row("listed", "press rl:list:0:0:", OWNER, says="Правила"),
    Row("opened", "press rl:open:0:0:", OWNER, says="VIP"),
    Row("ask_trigger", "press rl:add:0:{version}:add", OWNER),
    Row("trigger_chosen", "press rl:trigger:0:{version}:add.came", OWNER),
    Row("ask_threshold", "press rl:threshold:0:{version}:", OWNER),
    Row("ask_value", "press rl:value:0:{version}:", OWNER),
    Row("threshold_typed", "say 500", OWNER, asked="Following:rule_threshold", kept=NEW_RULE),
    Row(
        "value_typed",
        "say 7",
        OWNER,
        ("programme_version", "job"),
        asked="Following:rule_value",
        kept=NEW_DISCOUNT,
    ),
    Row(
        "class_chosen",
        "press rl:class:0:0:gold",
        OWNER,
        ("programme_version", "job"),
        asked="Following:rule_value",
        kept=NEW_RULE,
    ),
    Row("delete", "press rl:delete:0:{version}:", OWNER, ("programme_version", "job")),
    Row("ask_days", "press rl:days:0:{version}:class_cancel_days", OWNER),
    Row(
        "days_typed",
        "say 60",
        OWNER,
        ("programme_version", "job"),
        asked="Following:rule_days",
        kept={"seen": "{version}", "name": "class_cancel_days"},
    ),
    Row("never", "press rl:never:0:{version}:discount_cancel_days", OWNER, ("programme_version", "job")),
)
CARDS = _rows(
    "staff.office.cards",
    Row("menu", "press cd:menu:0::0", MANAGERS, says="Карты"),
    Row("page", "press cd:page:0:bound:0", MANAGERS, says="{name}"),
    Row("opened", "press cd:open:{card_id}::0", MANAGERS, says="{name}"),
    Row("blocked", "press cd:block:{card_id}::0", MANAGERS, ("card", "audit_row"), says="{name}"),
    Row("unblocked", "press cd:unblock:{card_id}::0", MANAGERS, says="{name}"),
    Row("ask_number", "press cd:find:0::0", MANAGERS, says="карты"),
    Row("number_typed", "say 44000", MANAGERS, says="44000", asked="Managing:find_card"),
    Row("ask_range", "press cd:load:0::0", MANAGERS, says="запас"),
    Row("range_typed", "say 700001-700010", MANAGERS, ("job", "audit_row"), asked="Managing:card_range"),
)
OF_PROFILE = {"customer_id": "{customer}", "message_id": 77}
MERGED = ("customer", "purchase", "card", "audit_row")
PEOPLE = _rows(
    "staff.office.people",
    Row("listed", "press pe:list:0:new:0", MANAGERS, says="{name}"),
    Row("listed", "press pe:list:0:points:0", MANAGERS, says="{name}"),
    Row("sorts", "press pe:sorts:0::0", MANAGERS),
    Row("ask_whom", "press pe:find:0::0", MANAGERS),
    Row("whom_typed", "say {name}", MANAGERS, says="{name}", asked="Managing:find_customer"),
    Row("opened", "press pe:open:{customer}::0", MANAGERS, says="{name}"),
    Row("bought", "press pe:purchases:{customer}::0", MANAGERS, says="{name}"),
    Row("ask_name", "press pe:name:{customer}::0", MANAGERS),
    Row("name_typed", "say Sample", MANAGERS, ("customer", "audit_row"), asked="Managing:name", kept=OF_PROFILE),
    Row("ask_birthday", "press pe:birthday:{customer}::0", MANAGERS),
    Row("birthday_typed", "say 05.03.1990", MANAGERS, ("customer",), asked="Managing:birthday", kept=OF_PROFILE),
    Row("ask_language", "press pe:language:{customer}::0", MANAGERS),
    Row("language_chosen", "press pe:speak:{customer}:en:0", MANAGERS, ("customer", "audit_row"), says="{name}"),
    Row("ask_block", "press pe:block:{customer}::0", MANAGERS, says="{name}"),
    Row("block", "press pe:block_sure:{customer}::0", MANAGERS, ("customer", "audit_row"), says="{name}"),
    Row("unblock", "press pe:unblock:{customer}::0", MANAGERS, says="{name}"),
    Row("ask_other", "press pe:merge:{customer}::0", MANAGERS),
    Row("other_typed", "say {other_phone}", MANAGERS, asked="Managing:merge", kept=OF_PROFILE),
    Row("other_chosen", "press pe:merge_with:{customer}::{other}", MANAGERS, says="{name}"),
    Row("other_chosen", "press pe:merge_ask:{customer}::{other}", MANAGERS, says="{name}"),
    Row("merge", "press pe:merge_sure:{bringer}::{other}", MANAGERS, ("customer", "card", "audit_row")),
)
AT_ZONE = {"asked": "Managing:branch_zone", "kept": {"branch_id": "{here}", "message_id": 77}}
BRANCHES = _rows(
    "staff.office.branches",
    Row("listed", "press br:list:0:0", OWNER, says="Дальняя точка"),
    Row("opened", "press br:open:{here}:0", OWNER, says="Основная точка"),
    Row("ask_name", "press br:add:0:0", OWNER),
    Row("ask_name", "press br:rename:{here}:0", OWNER),
    Row("name_typed", "say Sample", OWNER, asked="Managing:branch_name", kept={"branch_id": None}),
    Row(
        "name_typed",
        "say Sample",
        OWNER,
        ("branch", "audit_row"),
        asked="Managing:branch_name",
        kept={"branch_id": "{here}"},
    ),
    Row("ask_zone", "press br:move:{here}:0", OWNER),
    Row("zone_pressed", "press br:zone:0:0", OWNER, ("branch", "audit_row"), **AT_ZONE),
    Row("zone_typed", "say asia/omsk", OWNER, ("branch", "audit_row"), **AT_ZONE),
    Row("ask_closing", "press br:close:{here}:0", OWNER, says="Основная точка"),
    Row("close", "press br:close_sure:{here}:0", OWNER, ("branch", "audit_row", "message")),
    Row("reopen", "press br:reopen:{here}:0", OWNER, says="Основная точка"),
)
FILES = _rows(
    "staff.office.files",
    Row("menu", "press fl:menu:0", MANAGERS, says="Импорт"),
    Row("ask_export", "press fl:export:0", OWNER),
    Row("export", "press fl:export_sure:0", OWNER, ("job", "audit_row")),
    Row("download", "press fl:download:{export}", OWNER, ("audit_row",)),
)
TEAM = _rows(
    "staff.team",
    Row("members", "press m:list:0:", MANAGERS, says="{member_name}", says_to=MANAGERS_HERE),
    Row("members", "press m:list:9:", MANAGERS),
    Row("ask_role", "press m:invite:0:", MANAGERS, says="Владелец", says_to=frozenset({Who.OWNER})),
    Row("ask_branch", "press m:role:0:cashier", MANAGERS, says="Основная точка", says_to=MANAGERS_HERE),
    Row("invite", "press m:branch:{here}:cashier", MANAGERS_HERE, ("staff_invite", "audit_row")),
    Row("invite", "press m:branch:{here}:manager", frozenset({Who.OWNER}), ("staff_invite", "audit_row")),
    Row("invite", "press m:branch:{here}:owner", frozenset({Who.OWNER}), ("staff_invite", "audit_row")),
    Row("ask_dismissal", "press m:dismiss:{member}:", MANAGERS, says="{member_name}", says_to=MANAGERS_HERE),
    Row("dismiss", "press m:dismiss_sure:{member}:", MANAGERS_HERE, ("staff_member", "audit_row")),
    Row("dismiss", "press m:dismiss_sure:{manager_id}:", frozenset({Who.OWNER}), ("staff_member",)),
    Row("dismiss", "press m:dismiss_sure:{owner_id}:", NOBODY),
)
TEAM += _rows(
    "staff.team",
    Row("dismissed", "press m:gone:0:", MANAGERS),
    Row("profile", "press m:member:{member}:", MANAGERS_HERE, says="{member_name}"),
    Row("ask_new_role", "press m:roles:{member}:", MANAGERS_HERE, says="{member_name}"),
    Row("set_role", "press m:set_role:{member}:operator", MANAGERS_HERE, ("staff_member", "audit_row", "message")),
    Row("set_role", "press m:set_role:{member}:manager", OWNER, ("staff_member", "audit_row")),
    Row("set_role", "press m:set_role:{owner_id}:cashier", NOBODY),
    Row("ask_new_branch", "press m:places:{member}:", MANAGERS_HERE, says="{member_name}"),
    Row("set_branch", "press m:set_place:{member}:{away}", OWNER, ("staff_member", "audit_row")),
    Row("ask_phone", "press m:phone:{member}:", MANAGERS_HERE, says="{member_name}"),
    Row(
        "phone_typed",
        "say 9161234567",
        MANAGERS_HERE,
        ("staff_member", "audit_row"),
        asked="Managing:phone",
        kept={"member_id": "{member}", "message_id": 77},
    ),
    Row("invitations", "press m:invites:0:", MANAGERS),
    Row("withdraw", "press m:withdraw:{invite_id}:", MANAGERS_HERE, ("staff_invite", "audit_row")),
    Row("withdraw", "press m:withdraw:{invite_id}:", MANAGERS - MANAGERS_HERE),
)
GIVEN_LATER = ("held_accrual", "ledger_entry", "lot", "purchase", "audit_row", "message")
MESSAGES = _rows(
    "staff.office.messages",
    Row("opened", "press ms:open:", OWNER, says="Сообщения клиентам"),
    Row("resume", "press ms:resume:bot", OWNER, says="Сообщения клиентам"),
)
HELD = _rows(
    "staff.office.held",
    Row("listed", "press hd:list:0", MANAGERS),
    Row("opened", "press hd:open:{completed}", MANAGERS_HERE, says="{name}"),
    Row("give", "press hd:give:{completed}", MANAGERS_HERE, GIVEN_LATER),
    Row("refuse", "press hd:refuse:{completed}", MANAGERS_HERE, ("held_accrual", "audit_row", "message")),
)
AT_ANSWER = {"asked": "Managing:answer", "kept": {"purchase_id": "{completed}", "message_id": 77}}
REVIEWS = _rows(
    "staff.office.reviews",
    Row("board", "press rv:board:0:30:0", MANAGERS, says="Основная точка", says_to=MANAGERS_HERE),
    Row("listed", "press rv:list:0:0:1", MANAGERS, says="{name}", says_to=MANAGERS_HERE),
    Row("opened", "press rv:open:{completed}:0:0", MANAGERS_HERE, says="{name}"),
    Row("ask_answer", "press rv:answer:{completed}:0:0", MANAGERS_HERE, says="{name}"),
    Row("answered", "say Sample", MANAGERS_HERE, ("review", "message"), **AT_ANSWER),
)
AT_POINTS = {"customer_id": "{customer}", "message_id": 77}
ASKERS = MANAGERS | {Who.OPERATOR}
BY_HAND = (
    Row("staff.office.by_hand.listed", "press mp:list:0", MANAGERS, says="{name}", says_to=MANAGERS_HERE),
    Row("staff.by_hand.ask_points", "press p:points:{customer}:0", ASKERS, says="{name}"),
    Row("staff.by_hand.points_typed", "say 100", ASKERS, asked="Managing:points", kept=AT_POINTS),
    Row(
        "staff.by_hand.reason_typed",
        "say Sample",
        ASKERS,
        ("manual_points", "audit_row"),
        asked="Managing:reason",
        kept=AT_POINTS | {"points": 10_000},
    ),
    Row("staff.by_hand.opened", "press mp:open:{manual}", MANAGERS_HERE, says="{name}"),
    Row("staff.by_hand.agree", "press mp:yes:{manual}", OWNER, ("manual_points", "ledger_entry", "audit_row")),
    Row("staff.by_hand.disagree", "press mp:no:{manual}", MANAGERS_HERE, ("manual_points", "audit_row")),
)
JOURNAL = _rows(
    "staff.office.journal",
    Row("listed", "press lg:list:0::0:0:0:0", MANAGERS, says="{name}", says_to=MANAGERS_HERE),
    Row("opened", "press lg:row:0::0:0:0:{log_row}", MANAGERS, says="Правка анкеты", says_to=MANAGERS_HERE),
    Row("ask_person", "press lg:who:0::0:0:0:0", MANAGERS),
    Row("ask_kind", "press lg:kinds:0::0:0:0:0", MANAGERS),
    Row("ask_day", "press lg:days:0::0:0:0:0", MANAGERS),
    Row("ask_about", "press lg:about:0::0:0:0:0", MANAGERS),
    Row(
        "about_typed",
        "say {phone}",
        MANAGERS,
        says="Правка анкеты",
        says_to=MANAGERS_HERE,
        asked="Managing:log",
        kept={"at": "lg:list:0::0:0:0:0", "message_id": 77},
    ),
)
RECEIPTS = _rows(
    "staff.receipts",
    Row("ask", "press s:receipt:{draft}", SELLERS_HERE),
    Row("typed", "say 12", SELLERS_HERE, ("purchase",), asked="Selling:receipt", kept=OF_DRAFT),
)
OWN_PHONE = _rows("staff.own_phone", Row("shared", "share own", WORKERS, ("staff_member", "audit_row")))
AT_CAMPAIGN = {"campaign_id": "{campaign}", "message_id": 77}
RECIPIENTS = ("campaign", "job", "audit_row")
CAMPAIGN_DRAFTS = _rows(
    "staff.office.campaigns.drafts",
    Row("listed", "press cp:list:0::0", MANAGERS, says="Рассылки"),
    Row("begun", "press cp:new:0::0", MANAGERS, ("campaign",)),
    Row("opened", "press cp:open:{campaign}::0", MANAGERS_HERE, says="Весенние скидки"),
    Row("opened", "press cp:open:{sent_campaign}::0", MANAGERS_HERE, ("campaign",), says="Отправляем"),
    Row("ask_text", "press cp:text:{campaign}::0", MANAGERS_HERE, says="Весенние скидки"),
    Row("ask_picture", "press cp:picture:{campaign}::0", MANAGERS_HERE),
    Row("picture_off", "press cp:picture_off:{campaign}::0", MANAGERS_HERE, ("campaign", "campaign_picture")),
    Row("ask_button", "press cp:button:{campaign}::0", MANAGERS_HERE),
    Row("button_off", "press cp:button_off:{campaign}::0", MANAGERS_HERE, ("campaign",)),
    Row("sms_turned", "press cp:sms:{campaign}::0", MANAGERS_HERE, ("campaign",)),
    Row("ask_control", "press cp:control:{campaign}::0", MANAGERS_HERE),
    Row("control_chosen", "press cp:share:{campaign}::500", MANAGERS_HERE, ("campaign",)),
    Row("ask_days", "press cp:days:{campaign}::0", MANAGERS_HERE),
    Row("days_chosen", "press cp:count_days:{campaign}::30", MANAGERS_HERE, ("campaign",)),
    Row("looked_at", "press cp:look:{campaign}::0", MANAGERS_HERE, says="Весенние скидки"),
    Row("tested", "press cp:test:{campaign}::0", MANAGERS_HERE, ("message",)),
    Row("ask_delete", "press cp:delete:{campaign}::0", MANAGERS_HERE),
    Row("deleted", "press cp:delete_sure:{campaign}::0", MANAGERS_HERE, ("campaign",)),
    Row("text_typed", "say Новый текст", MANAGERS_HERE, ("campaign",), asked="Campaigning:text", kept=AT_CAMPAIGN),
    Row(
        "picture_sent",
        "photo qr",
        MANAGERS_HERE,
        ("campaign", "campaign_picture"),
        asked="Campaigning:picture",
        kept=AT_CAMPAIGN,
    ),
    Row(
        "button_typed",
        "say Открыть https://example.com",
        MANAGERS_HERE,
        ("campaign",),
        asked="Campaigning:button",
        kept=AT_CAMPAIGN,
    ),
)
CAMPAIGN_SEGMENT = _rows(
    "staff.office.campaigns.segment",
    Row("opened", "press cp:segment:{campaign}::0", MANAGERS_HERE),
    Row("condition", "press cp:if:{campaign}:levels:0", MANAGERS_HERE, says="Silver"),
    Row("picked", "press cp:pick:{campaign}:birthday_months:3", MANAGERS_HERE, ("campaign",)),
    Row("spanned", "press cp:span:{campaign}:bought:0", MANAGERS_HERE, ("campaign",)),
    Row("telegram", "press cp:has:{campaign}::1", MANAGERS_HERE, ("campaign",)),
    Row("scored", "press cp:cell:{campaign}:recency:3", MANAGERS_HERE, ("campaign",)),
    Row("cleared", "press cp:clear:{campaign}:languages:0", MANAGERS_HERE, ("campaign",)),
    Row(
        "span_typed",
        "say 1-5",
        MANAGERS_HERE,
        ("campaign",),
        asked="Campaigning:span",
        kept=AT_CAMPAIGN | {"name": "purchases"},
    ),
)
CAMPAIGN_SENDING = _rows(
    "staff.office.campaigns.sending",
    Row("ask_sure", "press cp:sure:{campaign}::0", MANAGERS_HERE, says="Отправить рассылку"),
    Row("ask_when", "press cp:when:{campaign}::0", MANAGERS_HERE),
    Row("time_chosen", "press cp:at:{campaign}::{campaign_time}", MANAGERS_HERE, says="Начнём"),
    Row("launched", "press cp:go:{campaign}::0", MANAGERS_HERE, RECIPIENTS),
    Row("launched", "press cp:go:{campaign}::{campaign_time}", MANAGERS_HERE, RECIPIENTS),
    Row("paused", "press cp:pause:{sent_campaign}::0", MANAGERS_HERE, ("campaign", "audit_row")),
    Row("resumed", "press cp:resume:{paused_campaign}::0", MANAGERS_HERE, ("campaign", "audit_row")),
    Row("repeated", "press cp:repeat:{sent_campaign}::0", MANAGERS_HERE, ("campaign",), says="Весенние скидки"),
    Row("ask_stop", "press cp:stop:{sent_campaign}::0", MANAGERS_HERE, ("campaign", "audit_row")),
    Row("stopped", "press cp:stop_sure:{sent_campaign}::0", MANAGERS_HERE, ("campaign", "audit_row")),
    Row("results", "press cp:results:{sent_campaign}::0", MANAGERS_HERE, says="что получилось"),
    Row("time_typed", "say 12.03 15:30", MANAGERS_HERE, asked="Campaigning:moment", kept=AT_CAMPAIGN),
)
FINDING = _rows(
    "staff.finding",
    Row("typed", "say {phone}", WORKERS, says="{name}"),
    Row("typed", "say {shown}", WORKERS, says="{name}"),
    Row("typed", "say {name}", WORKERS, says="Кто из них"),
    Row("typed", "say {phone} 1500", SELLERS, ("purchase", "purchase_line")),
    Row("typed", "say 700", SELLERS, ("purchase",), asked="Selling:quote", kept=OF_DRAFT),
    Row("total_typed", "say 1500", SELLERS, ("purchase",), asked="Selling:total", kept=OF_CUSTOMER),
    Row("photographed", "photo qr", WORKERS, says="{name}"),
    Row("photographed", "photo qr", WORKERS, says="{name}", asked="Selling:total", kept=OF_CUSTOMER),
)
NEW_CARD = _rows(
    "staff.new_card",
    Row("create", "press k:create:{free_card}", WORKERS, says="{free_card}"),
    Row("create", "press k:create:{card}", WORKERS, says="{name}"),
    Row("look", "press k:look:{free_card}", WORKERS, says="{free_card}"),
    Row("look", "press k:look:{card}", WORKERS, says="{name}"),
)
NEW_CUSTOMER = _rows(
    "staff.new_customer",
    Row("begin", "/new", WORKERS),
    Row("begin", "word staff_menu.new", WORKERS),
    Row("begin", "press a:register", WORKERS),
    Row("phone_typed", "say {free_phone}", WORKERS, asked="Joining:phone"),
    Row("phone_typed", "say {phone}", WORKERS, says="{name}", asked="Joining:phone"),
    Row("name_typed", "say Sample", WORKERS, asked="Joining:name", kept=NEW),
    Row("birthday_typed", "say 05.03.1990", WORKERS, asked="Joining:birthday", kept=NEW),
    Row("card_typed", "say {free_card}", WORKERS, ("registration",), asked="Joining:card", kept=NEW),
    Row("card_photographed", "photo card", WORKERS, ("registration",), asked="Joining:card", kept=NEW),
    Row(
        "code_typed",
        "say {registration_code}",
        HERE,
        ("customer", "card", "registration", "verification_code"),
        asked="Joining:code",
        kept={"registration_id": "{registration}", "message_id": 77},
    ),
    Row("register", "press a:register", WORKERS, says="Как", asked="Finding:unknown", kept=NEW),
    Row("skip", "press a:skip", WORKERS, ("registration",), asked="Joining:card", kept=NEW),
    Row("issue_now", "press a:issue", WORKERS, ("registration", *CODE), asked="Joining:name", kept=NEW),
    Row("link_now", "press a:link", WORKERS, ("registration", *CODE), asked="Joining:name", kept=NEW),
    Row("issue", "press r:issue:{registration}", HERE, CODE),
    Row("link", "press r:link:{registration}", HERE, ("registration", *CODE)),
)
BIND = {"customer_id": "{customer}", "card": "{free_card}", "message_id": 77}
PANEL = _rows(
    "staff.panel",
    Row("panel", "press p:panel:{customer}:0", WORKERS, says="{name}"),
    Row("ask_total", "press p:sale:{customer}:0", WORKERS, says="{name}"),
    Row("ask_total", "press p:again:{customer}:0", WORKERS, says="{name}"),
    Row("look", "press p:profile:{customer}:0", WORKERS, says="{name}"),
    Row("look", "press p:card:{customer}:0", WORKERS),
    Row("history", "press p:history:{customer}:0", WORKERS, says="{sum}"),
    Row("ask", "press p:name:{customer}:0", WORKERS),
    Row("ask", "press p:birthday:{customer}:0", WORKERS),
    Row("ask", "press p:replace:{customer}:0", WORKERS),
    Row("bind", "press a:bind", WORKERS, ("card", "audit_row"), asked="Editing:bind", kept=BIND),
    Row("name_typed", "say Sample", WORKERS, ("customer", "audit_row"), asked="Editing:name", kept=OF_CUSTOMER),
    Row("birthday_typed", "say 05.03.1990", WORKERS, ("customer",), asked="Editing:birthday", kept=OF_CUSTOMER),
    Row("card_typed", "say {free_card}", WORKERS, ("card", "audit_row"), asked="Editing:card", kept=OF_CUSTOMER),
    Row("card_photographed", "photo card", WORKERS, ("card",), asked="Editing:card", kept=OF_CUSTOMER),
)
VISITS = _rows(
    "staff.visits",
    Row("mark", "press p:came:{customer}:0", WORKERS, ("visit", "audit_row"), says="{name}"),
    Row("mark", "press p:no_show:{customer}:0", AT_HERE, ("visit", "audit_row"), says="{name}"),
    Row("ask_moment", "press p:expect:{customer}:0", WORKERS),
    Row("moment_typed", "say 25.03 15:30", WORKERS, ("visit",), asked="Editing:visit", kept=OF_CUSTOMER),
    Row("listed", "press vi:list:0", WORKERS, says="{name}", says_to=AT_HERE),
    Row("settle", "press vi:no_show:{visit}", HERE, ("visit", "audit_row"), says_to=AT_HERE, says="{name}"),
    Row("settle", "press vi:came:{visit}", HERE, ("visit", "audit_row"), says_to=AT_HERE, says="{name}"),
)
CATEGORIES = _rows(
    "staff.categories",
    Row("shown", "press p:categories:{customer}:0", MANAGERS, says="{name}"),
    Row("refreshed", "press p:refresh:{customer}:0", MANAGERS, ("audit_row",), says="{name}"),
    Row("ask_name", "press p:category:{customer}:0", MANAGERS),
    Row("changed", "press cg:remove:{customer}:0123456789ab", MANAGERS, says="{name}"),
    Row("changed", "press cg:add:{customer}:0123456789ab", MANAGERS, says="{name}"),
    Row(
        "name_typed",
        "say VIP",
        MANAGERS,
        ("customer_category", "audit_row"),
        asked="Editing:category",
        kept=OF_CUSTOMER,
    ),
)
AT_GIFT = {"asked": "Exchanging:code", "kept": {"exchange_id": "{exchange}", "message_id": 77}}
OF_COMPLETED = {"purchase_id": "{completed}", "message_id": 77, "paid": 113_400, "left": 10_000}
AT_REST = {"asked": "Selling:rest", "kept": OF_COMPLETED}
PAYING = _rows(
    "staff.paying",
    Row("ask_part", "press s:part:{draft}", SELLERS_HERE),
    Row("part_typed", "say 100", SELLERS_HERE, ("purchase",), asked="Selling:part", kept=OF_DRAFT),
    Row("ask_rest", "press s:rest:{completed}", SELLERS_HERE, says="{sum}"),
    Row("pay_all", "press s:rest_all:{completed}", SELLERS_HERE, says="{sum}", **AT_REST),
    Row("rest_typed", "say 100", SELLERS_HERE, ("purchase",), says="{sum}", **AT_REST),
)
COUPONING = _rows(
    "staff.couponing",
    Row("ask", "press s:coupon:{draft}", SELLERS_HERE),
    Row("typed", "say summer", SELLERS_HERE, ("purchase", "purchase_line"), asked="Selling:coupon", kept=OF_DRAFT),
    Row("leave_out", "press s:no_coupon:{draft}", SELLERS_HERE),
)
A_DRAFT = empty("promotion") | {"benefit": "factor", "amount": 200, "starts": "2026-03-01T00:00:00+00:00"}
AT_BOARD = {"asked": "Offering:board", "kept": {"draft": A_DRAFT, "message_id": 77}}
AT_FIELD = {"asked": "Offering:field", "kept": {"draft": A_DRAFT, "field": "amount", "message_id": 77}}
OFFERS = _rows(
    "staff.office.offers",
    Row("lists.listed", "press of:list:0:promotion", MANAGERS, says="Весна", says_to=MANAGERS_HERE),
    Row("lists.listed", "press of:list:0:coupon", MANAGERS, says="Лето", says_to=MANAGERS_HERE),
    Row("lists.opened", "press of:open:{promotion}:promotion", MANAGERS_HERE, says="Весна"),
    Row("lists.opened", "press of:open:{batch}:coupon", MANAGERS_HERE, says="Лето"),
    Row("lists.switched", "press of:off:{promotion}:promotion", MANAGERS_HERE, ("promotion", "audit_row")),
    Row("lists.switched", "press of:on:{promotion}:promotion", MANAGERS_HERE),
    Row("lists.switched", "press of:off:{batch}:coupon", MANAGERS_HERE, ("coupon_batch", "audit_row")),
    Row("lists.codes", "press of:codes:{batch}:coupon", MANAGERS_HERE, ("audit_row",)),
    Row("lists.uses", "press of:uses:{batch}:0", MANAGERS_HERE, says="Лето"),
    Row("drafting.begin", "press of:new:0:promotion", MANAGERS),
    Row("drafting.edit", "press of:edit:{promotion}:promotion", MANAGERS_HERE, says="Весна"),
    Row("drafting.edit", "press of:edit:{batch}:coupon", MANAGERS_HERE, says="Лето"),
    Row("drafting.ask", "press of:ask:0:dates", MANAGERS, **AT_BOARD),
    Row("drafting.pressed", "press of:set:0:dates.week", MANAGERS, **AT_FIELD),
    Row("drafting.back", "press of:board:0:", MANAGERS, **AT_FIELD),
    Row("drafting.save", "press of:save:0:", MANAGERS, ("promotion", "audit_row"), **AT_BOARD),
    Row("drafting.typed", "say 2,5", MANAGERS, **AT_FIELD),
    Row("drafting.gone", "press of:save:0:", MANAGERS),
    Row("drafting.gone", "press of:ask:0:dates", MANAGERS),
    Row("drafting.gone", "press of:set:0:dates.week", MANAGERS),
    Row("drafting.gone", "press of:board:0:", MANAGERS),
)
SELLING = _rows(
    "staff.selling",
    Row("accrue", "press s:accrue:{draft}", SELLERS_HERE, SOLD),
    Row("spend", "press s:spend:{draft}", SELLERS_HERE, ("purchase", "hold", "message")),
    Row("other", "press s:other:{draft}", SELLERS_HERE),
    Row("points_typed", "say 100", SELLERS_HERE, ("purchase", "hold"), asked="Selling:points", kept=OF_DRAFT),
    Row("send_code", "press s:code:{waiting}", SELLERS_HERE, CODE),
    Row("code_typed", "say {sale_code}", SELLERS_HERE, (*SOLD, "lot_draw"), asked="Selling:code", kept=OF_WAITING),
    Row("stop", "press s:stop:{waiting}", SELLERS_HERE, ("purchase", "hold")),
    Row("cancel", "press s:cancel:{draft}", SELLERS_HERE, ("purchase",)),
    Row(
        "undo",
        "press s:undo:{completed}",
        SELLERS_HERE,
        ("purchase", "ledger_entry", "lot", "customer", "audit_row"),
    ),
    Row("look", "press s:look:{completed}", SELLERS_HERE, says="{sum}"),
)
OF_COMPLETED = {"purchase_id": "{completed}", "message_id": 77, "seen": 0, "ticked": [1]}
REFUNDED = ("purchase", "refund", "refund_line", "purchase_line", "ledger_entry", "lot", "customer", "audit_row")
REFUNDING = _rows(
    "staff.refunding",
    Row("recent", "/refund", SELLERS, says="{sum}", says_to=AT_TILL),
    Row("recent", "word staff_menu.refund", SELLERS, says="{name}", says_to=AT_TILL),
    Row("who_typed", "say {phone}", SELLERS, says="{sum}", says_to=SELLERS_HERE, asked="Refunding:choose"),
    Row("who_photographed", "photo qr", SELLERS, says="{sum}", says_to=SELLERS_HERE, asked="Refunding:choose"),
    Row("turn_page", "press b:list:{customer}:0", SELLERS, says="{sum}", says_to=SELLERS_HERE),
    Row("look", "press b:look:{completed}:0", SELLERS_HERE, says="{sum}"),
    Row("look", "press b:sure:{completed}:0", SELLERS_HERE, says="{sum}"),
    Row("look", "press b:line:{completed}:1", SELLERS_HERE, says="{sum}"),
    Row("look", "press b:ticked:{completed}:0", SELLERS_HERE, says="{sum}"),
    Row("whole", "press b:whole:{completed}:0", SELLERS_HERE, says="{sum}"),
    Row("ask_amount", "press b:sum:{completed}:0", SELLERS_HERE, says="{sum}"),
    Row("amount_typed", "say 100", SELLERS_HERE, says="100", asked="Refunding:amount", kept=OF_COMPLETED),
    Row("ask_lines", "press b:lines:{completed}:0", SELLERS_HERE, says="{sum}"),
    Row(
        "tick",
        "press b:line:{completed}:1",
        SELLERS_HERE,
        says="{sum}",
        asked="Refunding:lines",
        kept=OF_COMPLETED,
    ),
    Row(
        "ticked",
        "press b:ticked:{completed}:0",
        SELLERS_HERE,
        says="{sum}",
        asked="Refunding:lines",
        kept=OF_COMPLETED,
    ),
    Row("reason_typed", "say Sample", SELLERS_HERE, says="Sample", asked="Refunding:sure", kept=OF_COMPLETED),
    Row("sure", "press b:sure:{completed}:0", SELLERS_HERE, REFUNDED, asked="Refunding:sure", kept=OF_COMPLETED),
)
GIFTING = _rows(
    "staff.gifting",
    Row("gifts", "press u:list:{customer}:0", SELLERS, says="{name}"),
    Row(
        "take",
        "press u:take:{customer}:{gift}",
        SELLERS,
        ("gift_exchange", "message"),
        says="{name}",
        asked="Selling:panel",
        kept={"customer_id": "{customer}", "message_id": 77},
    ),
    Row("gifts", "press u:take:{customer}:{gift}", SELLERS, says="{name}"),
    Row("send_code", "press u:code:{exchange}:0", SELLERS_HERE, CODE, says="{name}"),
    Row(
        "code_typed",
        "say {gift_code}",
        SELLERS_HERE,
        ("gift_exchange", "ledger_entry", "lot", "lot_draw"),
        **AT_GIFT,
    ),
    Row("stop", "press u:stop:{exchange}:0", SELLERS_HERE, ("gift_exchange",), says="{name}"),
    Row("undo", "press u:undo:{given}:0", SELLERS_HERE, ("gift_exchange", "ledger_entry", "lot", "audit_row")),
    Row("look", "press u:look:{exchange}:0", SELLERS_HERE, says="{name}"),
)
STAFF_FALLBACK = _rows(
    "staff.fallback",
    Row("unexpected", "sticker", WORKERS),
    Row("stale", "press rubbish", WORKERS),
    Row("stale", "press c:{waiting}:{hold}:1", WORKERS),
)
CONSENTS = _rows(
    "staff.consents",
    Row("look", "press p:consents:{customer}:0", WORKERS, says="Условия"),
    Row("terms", "press p:terms:{customer}:0", WORKERS),
    Row("ask_refusal", "press p:refuse:{customer}:0", WORKERS),
    Row("refuse", "press p:refuse_sure:{customer}:0", WORKERS, ("consent", "audit_row")),
)
OWNER = frozenset({Who.OWNER})
RECEIPT = {"pressed": "tx:edit:receipt:ru:telegram", "message_id": 77}
TEXTS = _rows(
    "staff.office.texts",
    Row("browsing.opened", "press tx:open:::telegram", OWNER, says="Шаблоны"),
    Row("browsing.grouped", "press tx:group:purchases::telegram", OWNER, says="Покупки"),
    Row("browsing.looked", "press tx:look:receipt:ru:telegram", OWNER, says="Исходный текст"),
    Row("editing.ask", "press tx:edit:receipt:ru:telegram", OWNER, says="новый текст"),
    Row("editing.typed", "say Спасибо за покупку", OWNER, says="не сохранено", asked="Wording:text", kept=RECEIPT),
    Row(
        "editing.save",
        "press tx:save:receipt:ru:telegram",
        OWNER,
        ("message_text", "audit_row"),
        asked="Wording:preview",
        kept=RECEIPT | {"body": "Спасибо за покупку"},
    ),
    Row("editing.reset", "press tx:reset:receipt:ru:telegram", OWNER, says="Исходный текст"),
    Row("topics.listed", "press tp:list:::0", OWNER, says="Что и как отправлять"),
    Row("topics.looked", "press tp:look:birthday::0", OWNER, says="День рождения"),
    Row("topics.switched", "press tp:switch:birthday:on:0", OWNER, ("programme_version", "audit_row")),
    Row("topics.locked", "press tp:locked:::0", OWNER),
)
STAFF = (
    MEMBERSHIP
    + ACCESS
    + MENU
    + OFFICE
    + PROGRAMME
    + LEFT_OUT
    + ITEMS
    + WAYS
    + CATALOGUE
    + IMPORTING
    + LEVELS
    + RULES
    + CARDS
    + PEOPLE
    + BRANCHES
    + FILES
    + CONSENTS
    + TEXTS
    + TEAM
    + MESSAGES
    + HELD
    + REVIEWS
    + BY_HAND
    + JOURNAL
    + RECEIPTS
    + OWN_PHONE
    + CAMPAIGN_DRAFTS
    + CAMPAIGN_SEGMENT
    + CAMPAIGN_SENDING
    + FINDING
    + NEW_CARD
    + NEW_CUSTOMER
    + PANEL
    + VISITS
    + CATEGORIES
    + PAYING
    + COUPONING
    + OFFERS
    + SELLING
    + REFUNDING
    + GIFTING
    + STAFF_FALLBACK
)

START = _rows(
    "customer.start",
    Row("start", "/start", CUSTOMER_BOT),
    Row("start", "/start ref_{bringer_promo}", CUSTOMER_BOT - {Who.OTHER}),
    Row("start", "/start ref_{bringer_promo}", frozenset({Who.OTHER}), ("customer", "message")),
    Row("start", "/start reg_{registration_token}", NEWCOMERS, CODE),
    Row("start", "/start reg_{registration_token}", CUSTOMERS),
    Row("start", "/start claim_{registration_token}", CUSTOMER_BOT),
    Row("start", "/start stop_{stop_of_nobody}", CUSTOMER_BOT, says="вы отписаны"),
    Row("start", "/start join_{invite}", CUSTOMER_BOT),
    Row("explain", "/help", CUSTOMER_BOT),
    Row("cancel", "/cancel", CUSTOMER_BOT),
    Row("greet", "say hello", NEWCOMERS),
)
AT_NEW_PHONE = {"asked": "NewPhone:code", "kept": {"phone": "{free_phone}"}}
NEW_FRIEND = frozenset({Who.OTHER})
AT_WORDS = {"asked": "Reviewing:words", "kept": {"purchase_id": "{completed}", "stars": 2, "message_id": 77}}
AT_PROMO_CODE = {"asked": "Invitation:promo_code"}
OWN_THINGS = (
    Row("customer.language.ask", "/language", CUSTOMER_BOT),
    Row("customer.language.ask", "word registration.language", CUSTOMER_BOT),
    Row("customer.language.speak", "press y:en", CUSTOMER_BOT, ("telegram_identity",)),
    Row("customer.membership.changed", "blocks", CUSTOMERS, ("telegram_identity",)),
    Row("customer.membership.changed", "blocks", NEWCOMERS),
    Row("customer.card.show_card", "/card", CUSTOMERS, ("shown_code",)),
    Row("customer.card.show_card", "word menu.card", CUSTOMERS, ("shown_code",)),
    Row("customer.card.refresh", "press g:card", CUSTOMERS, ("shown_code",)),
    Row("customer.points.balance", "/balance", CUSTOMERS),
    Row("customer.points.balance", "word menu.balance", CUSTOMERS),
    Row("customer.points.history", "/history", CUSTOMERS, says="{sum}", says_to=THE_CUSTOMER),
    Row("customer.points.history", "word menu.history", CUSTOMERS, says="{sum}", says_to=THE_CUSTOMER),
    Row("customer.points.turn_page", "press h:0", CUSTOMERS, says="{sum}", says_to=THE_CUSTOMER),
    Row("customer.gifts.gifts", "press g:gifts", CUSTOMERS),
    Row(
        "customer.gifts.answered", "press cf:{exchange}:1", THE_CUSTOMER, ("gift_exchange", "ledger_entry", "lot")
    ),
    Row("customer.gifts.answered", "press cf:{exchange}:0", THE_CUSTOMER, ("gift_exchange",)),
    Row("customer.reviews.rate", "press ry:rate:{completed}:1", THE_CUSTOMER, ("review",)),
    Row("customer.reviews.skip", "press ry:skip:{completed}:0", CUSTOMERS),
    Row("customer.reviews.words_typed", "say Sample", THE_CUSTOMER, ("review", "message"), **AT_WORDS),
    Row("customer.strays.words_awaited", "sticker", CUSTOMERS, **AT_WORDS),
    Row("customer.invite.invite", "/invite", CUSTOMERS, says="{promo}", says_to=THE_CUSTOMER),
    Row("customer.invite.invite", "word menu.invite", CUSTOMERS, says="{promo}", says_to=THE_CUSTOMER),
    Row("customer.invite.ask_promo_code", "press g:promo_code", CUSTOMERS),
    Row("customer.invite.promo_code_typed", "say {bringer_promo}", NEW_FRIEND, ("customer",)),
    Row("customer.invite.promo_code_typed", "say {bringer_promo}", NEW_FRIEND, ("customer",), **AT_PROMO_CODE),
    Row("customer.settings.settings", "/settings", CUSTOMERS),
    Row("customer.settings.back", "press g:settings", CUSTOMERS),
    Row("customer.privacy.ask_phone", "press g:new_phone", CUSTOMERS),
    Row("customer.privacy.ask_phone", "press g:change_phone", CUSTOMERS, asked="NewPhone:code"),
    Row("customer.privacy.phone_typed", "say {free_phone}", CUSTOMERS, CODE, asked="NewPhone:phone"),
    Row("customer.privacy.resend", "press g:resend", CUSTOMERS, CODE, **AT_NEW_PHONE),
    Row("customer.privacy.code_typed", "say {new_code}", THE_CUSTOMER, ("customer", "audit_row"), **AT_NEW_PHONE),
    Row("customer.privacy.code_typed", "say {new_code}", NEW_FRIEND, says="больше не действует", **AT_NEW_PHONE),
    Row("customer.privacy.export", "press g:export", CUSTOMERS, ("audit_row",)),
    Row("customer.privacy.ask_erasure", "press g:delete", CUSTOMERS),
    Row("customer.privacy.erase", "press g:delete_sure", CUSTOMERS, ("customer", "telegram_identity")),
    Row("customer.settings.settings", "word menu.settings", CUSTOMERS),
    Row("customer.settings.switch", "press t:offers:sms:1", CUSTOMERS, ("consent",)),
    Row("customer.settings.speak", "press l:en", CUSTOMERS, ("customer",)),
    Row("customer.quiet.word_said", "say СТОП!", CUSTOMERS, ("consent",), says="Больше не побеспокоим"),
    Row("customer.quiet.word_said", "say СТОП!", NEWCOMERS, says="вы пока не в программе"),
    Row("customer.quiet.pressed", "press g:quiet", CUSTOMERS, ("consent",)),
    Row("customer.quiet.terms", "press g:my_terms", CUSTOMERS, says="Вы согласились"),
    Row("customer.confirmation.answered", "press c:{waiting}:{hold}:1", THE_CUSTOMER, (*SOLD, "hold", "lot_draw")),
    Row("customer.confirmation.answered", "press c:{waiting}:{hold}:0", THE_CUSTOMER, ("purchase", "hold")),
)
AT_CODE = {"asked": "Registration:code", "kept": {"phone": "{new_phone}"}}
PHONE = _rows(
    "customer.phone",
    Row("contact_shared", "share own", CUSTOMER_BOT, ("verification_code",), asked="Registration:phone"),
    Row("contact_shared", "share {phone}", THE_CUSTOMER, ("verification_code",), asked="Registration:phone"),
    Row("phone_typed", "say {new_phone}", CUSTOMER_BOT, CODE, asked="Registration:phone"),
    Row("code_typed", "say {visitor_code}", frozenset({Who.VISITOR}), ("verification_code",), **AT_CODE),
    Row("code_typed", "say {visitor_code}", CUSTOMER_BOT - {Who.VISITOR}, says="больше не действует", **AT_CODE),
    Row("resend", "press g:resend", CUSTOMER_BOT, CODE, **AT_CODE),
    Row("change_phone", "press g:change_phone", CUSTOMER_BOT, **AT_CODE),
)
JOINED = ("customer", "card", "telegram_identity", "consent", "verification_code")
PROVEN = {"asked": "Registration:consent", "kept": {"proof_id": "{visitor_proof}", "messages": False}}
CONSENT = _rows(
    "customer.consent",
    Row("agree", "press g:agree", frozenset({Who.VISITOR}), JOINED, **PROVEN),
    Row("terms", "press g:terms", CUSTOMER_BOT, **PROVEN),
    Row("back", "press g:consent", CUSTOMER_BOT, **PROVEN),
    Row("switch", "press g:messages_on", CUSTOMER_BOT, **PROVEN),
    Row("switch", "press g:messages_off", CUSTOMER_BOT, **PROVEN),
)
AT_NAME = {"asked": "Registration:name", "kept": {"proof_id": "{customer_proof}", "messages": False}}
AT_BIRTHDAY = AT_NAME | {"asked": "Registration:birthday"}
OWN_BIRTHDAY = AT_BIRTHDAY | {"kept": {"proof_id": "{own_proof}", "messages": False}}
QUESTIONNAIRE = _rows(
    "customer.questionnaire",
    Row("name_typed", "say Sample", CUSTOMERS, ("customer",), **AT_NAME),
    Row("name_pressed", "press g:my_name", CUSTOMERS, ("customer",), **AT_NAME),
    Row("name_skipped", "press g:skip_name", CUSTOMER_BOT, **AT_NAME),
    Row("birthday_typed", "say 05.03.1990", CUSTOMERS, ("customer",), **OWN_BIRTHDAY),
    Row("birthday_skipped", "press g:skip_birthday", THE_CUSTOMER, **AT_BIRTHDAY),
)
STRAYS = _rows(
    "customer.strays",
    Row("phone_awaited", "sticker", CUSTOMER_BOT, asked="Registration:phone"),
    Row("code_awaited", "sticker", CUSTOMER_BOT, **AT_CODE),
    Row("consent_awaited", "sticker", CUSTOMER_BOT, **PROVEN),
    Row("name_awaited", "sticker", CUSTOMERS, **AT_NAME),
    Row("birthday_awaited", "sticker", CUSTOMERS, **AT_BIRTHDAY),
    Row("new_phone_awaited", "sticker", CUSTOMERS, asked="NewPhone:phone"),
    Row("new_code_awaited", "sticker", CUSTOMERS, **AT_NEW_PHONE),
    Row("promo_code_awaited", "sticker", CUSTOMERS, **AT_PROMO_CODE),
    Row("hint", "sticker", CUSTOMERS),
    Row("stale", "press rubbish", CUSTOMER_BOT),
    Row("stale", "press s:accrue:{draft}", CUSTOMER_BOT),
)
TOLD_OFFERS = _rows(
    "customer.offers",
    Row("offers", "press g:offers", CUSTOMERS, says="Весна"),
    Row("coupon", "say Summer", CUSTOMERS, says="скидка 10"),
)
CUSTOMER = TOLD_OFFERS + START + OWN_THINGS + PHONE + CONSENT + QUESTIONNAIRE + STRAYS
