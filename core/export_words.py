"""The words of exports, in the language of whoever takes them: names of tables, headings, values that are names.

Ids, languages and whatever people wrote stay as they are.
"""

from collections.abc import Mapping

_HEADINGS: Mapping[str, tuple[str, str]] = {
    "customers": ("клиенты", "customers"),
    "purchases": ("покупки", "purchases"),
    "operations": ("операции", "operations"),
    "cards": ("карты", "cards"),
    "id": ("Номер", "Id"),
    "phone": ("Телефон", "Phone"),
    "phone_verified_at": ("Телефон подтверждён", "Phone verified"),
    "name": ("Имя", "Name"),
    "birthday": ("День рождения", "Birthday"),
    "language": ("Язык", "Language"),
    "card": ("Карта", "Card"),
    "points": ("Баллы", "Points"),
    "debt": ("Долг", "Debt"),
    "sold": ("Куплено", "Sold"),
    "paid": ("Оплачено", "Paid"),
    "visits": ("Визиты", "Visits"),
    "last_purchase_at": ("Последняя покупка", "Last purchase"),
    "level": ("Уровень", "Level"),
    "importance": ("Класс", "Class"),
    "rule_discount": ("Скидка по правилам, %", "Discount by rules, %"),
    "referred_by_id": ("Кто пригласил", "Invited by"),
    "blocked_at": ("Заблокирован", "Blocked"),
    "merged_into_id": ("Объединён с", "Merged into"),
    "branch": ("Точка", "Branch"),
    "created_at": ("Создано", "Created"),
    "customer_id": ("Клиент", "Customer"),
    "staff_member": ("Сотрудник", "Staff member"),
    "status": ("Статус", "Status"),
    "subtotal": ("Чек", "Receipt"),
    "discount": ("Скидка", "Discount"),
    "payable": ("К оплате", "Payable"),
    "accrual": ("Начислено", "Earned"),
    "refunded": ("Возвращено", "Refunded"),
    "taken_back": ("Снято баллов", "Points taken back"),
    "sale_type": ("Тип продажи", "Sale type"),
    "receipt_number": ("Номер чека", "Receipt number"),
    "completed_at": ("Проведена", "Completed"),
    "cancelled_at": ("Отменена", "Cancelled"),
    "kind": ("Вид", "Kind"),
    "debt_change": ("Изменение долга", "Change of debt"),
    "purchase_id": ("Покупка", "Purchase"),
    "reason": ("Причина", "Reason"),
    "number": ("Номер карты", "Card number"),
    "bound_at": ("Выдана", "Bound"),
}
_PURCHASES_OF_CUSTOMER = ("Покупок", "Purchases")
_VALUES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "status": {
        "draft": ("черновик", "draft"),
        "waiting": ("ждёт клиента", "waits for the customer"),
        "completed": ("проведена", "completed"),
        "cancelled": ("отменена", "cancelled"),
        "issued": ("в запасе", "in the pool"),
        "bound": ("у клиента", "a customer's"),
        "blocked": ("заблокирована", "blocked"),
    },
    "kind": {
        "accrual": ("начисление", "earned"),
        "redemption": ("списание", "spent"),
        "expiry": ("сгорание", "expired"),
        "reversal": ("отмена", "reversed"),
        "adjustment": ("исправление", "adjusted"),
        "gift": ("подарок", "gift"),
    },
    "reason": {
        "welcome": ("за регистрацию", "for registering"),
        "referral_friend": ("по приглашению друга", "invited by a friend"),
        "referral_friend_undone": ("по приглашению друга: отменено", "invited by a friend: undone"),
        "referral_inviter": ("за приглашённого друга", "for an invited friend"),
        "referral_inviter_undone": ("за приглашённого друга: отменено", "for an invited friend: undone"),
        "birthday": ("день рождения", "birthday"),
        "win_back": ("приглашение вернуться", "win-back"),
        "import": ("из файла", "from a file"),
        "merged_out": ("объединение клиентов: ушли", "merged customers: out"),
        "merged_in": ("объединение клиентов: пришли", "merged customers: in"),
        "erased": ("данные удалены", "data deleted"),
        "refunded": ("возврат покупки", "purchase refunded"),
        "undone": ("покупка отменена", "purchase undone"),
        "expiry_unwritten": ("возврат сгоревших", "expired points put back"),
    },
    "sale_type": {
        "on_spot": ("на месте", "on the spot"),
        "takeaway": ("с собой", "takeaway"),
        "delivery": ("доставка", "delivery"),
    },
    "importance": {
        "bronze": ("бронза", "bronze"),
        "silver": ("серебро", "silver"),
        "gold": ("золото", "gold"),
    },
}
_BEFORE_WORDS: Mapping[str, tuple[str, str]] = {
    "manual": ("вручную", "by hand"),
    "gift": ("подарок", "gift"),
    "gift_undone": ("подарок возвращён", "gift returned"),
}
"""What stands in a reason before somebody's own words."""


def table(name: str, language: str) -> str:
    """What a table's file is called."""
    return _said(_HEADINGS[name], language)


def heading(table: str, name: str, language: str) -> str:
    """What a column is called."""
    if table == "customers" and name == "purchases":
        return _said(_PURCHASES_OF_CUSTOMER, language)
    return _said(_HEADINGS[name], language)


def value(column: str, kept: str, language: str) -> str:
    """A text in a cell: words for what is a name, everything else as it is."""
    known = _VALUES.get(column, {}).get(kept)
    if known is not None:
        return _said(known, language)
    begins, colon, written = kept.partition(":")
    if column == "reason" and colon and begins in _BEFORE_WORDS:
        return f"{_said(_BEFORE_WORDS[begins], language)}: {written}"
    return kept


def _said(words: tuple[str, str], language: str) -> str:
    return words[language != "ru"]
