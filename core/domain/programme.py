"""The programme's settings: one typed place for every rule that the merchant sets.

Adding a setting is adding its field here: its screen, validation, audit row and docs are made from it.
However long it gets it stays one file, since it is one list of declarations.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from core.domain.eligibility import Exclusion, Pair
from core.domain.errors import InvalidSetting, LevelsUnsound, RulesContradict
from core.domain.expiry import Expiry
from core.domain.gifts import Gift
from core.domain.ladder import Level, Metric, ladder_is_sound
from core.domain.money import BASIS, MAX_MONEY
from core.domain.points import MAX_POINTS, POINT
from core.domain.reminders import MORNING, DaysBefore, WinBackStep
from core.domain.rules import MAX_DAYS, Rule, contradictions
from core.domain.settings import Section, Unit, check, plain, setting, specs, typed
from core.domain.topics import TopicChoice


class Kind(enum.StrEnum):
    """How the programme rewards."""

    CASHBACK = "cashback"
    BONUS = "bonus"
    DISCOUNT = "discount"


class ReceiptNumber(enum.StrEnum):
    """Whether the till asks for the number of the receipt."""

    OFF = "off"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """Settings in force. Money in minor units, points in hundredths, percents in basis points.

    A field declared with ``branch`` may be overridden by a branch; bounds are inclusive.
    """

    name: str = setting(
        Unit.TEXT, Section.MAIN, "", (0, 64),
        ru="Название | Как ваше заведение называется в сообщениях",
        en="Name | What your business is called in messages",
    )  # fmt: skip
    description: str = setting(
        Unit.TEXT, Section.MAIN, "", (0, 1000),
        ru="Описание | Условия в двух словах: их видит каждый, кто открыл бота",
        en="Description | The terms in a few words, shown to everyone who opens the bot",
    )  # fmt: skip
    terms: str = setting(
        Unit.TEXT, Section.MAIN, "", (0, 3000),
        ru="Условия | Полный текст, с которым клиент соглашается при регистрации",
        en="Terms | The full text that a customer agrees to when joining",
    )  # fmt: skip
    currency: str = setting(
        Unit.TEXT, Section.MAIN, "RUB", (3, 3),
        ru="Валюта | Три буквы по ISO 4217",
        en="Currency | Three letters of ISO 4217",
    )  # fmt: skip
    kind: Kind = setting(
        Unit.CHOICE, Section.MAIN, Kind.BONUS, None,
        ru="Вид | Кешбэк возвращает часть денег, бонусы меняют на подарки и скидку, скидка действует сразу",
        en="Kind | Cashback returns a part of the money, bonuses buy gifts, a discount works at once",
    )  # fmt: skip
    status_on: bool = setting(
        Unit.FLAG, Section.MAIN, True, None, branch=True,
        ru="Программа включена | Выключенная не начисляет; списание выключают отдельно",
        en="Programme on | Off stops earning; paying by points is switched separately",
    )  # fmt: skip
    accrual_percent: int = setting(
        Unit.PERCENT, Section.ACCRUAL, 500, (100, BASIS), branch=True, warn_above=500,
        ru="Процент начисления | Какая часть покупки возвращается баллами",
        en="Earning rate | Which part of a purchase comes back as points",
    )  # fmt: skip
    min_purchase: int = setting(
        Unit.MONEY, Section.ACCRUAL, 0, (0, MAX_MONEY),
        ru="Покупка от | Меньшая сумма баллов не приносит",
        en="Purchase from | A smaller sum earns nothing",
    )  # fmt: skip
    accrue_when_redeeming: bool = setting(
        Unit.FLAG, Section.ACCRUAL, True, None,
        ru="Начислять при списании | Приносит ли баллы покупка, в которой баллы тратят",
        en="Earn while spending | Whether a purchase that spends points also earns some",
    )  # fmt: skip
    accrue_on_gross: bool = setting(
        Unit.FLAG, Section.ACCRUAL, False, None,
        ru="Начислять и на баллы | Считать процент от всей суммы, а не только от денег",
        en="Earn on points too | Count the rate on the whole sum, not on the money part only",
    )  # fmt: skip
    activation_delay_hours: int = setting(
        Unit.HOURS, Section.ACCRUAL, 0, (0, 24 * 365),
        ru="Активация через | Когда баллы можно тратить; сутки — ровно 24 часа после покупки",
        en="Usable after | When points can be spent; a day is exactly 24 hours after the purchase",
    )  # fmt: skip
    discount_percent: int = setting(
        Unit.PERCENT, Section.ACCRUAL, 0, (0, BASIS), branch=True,
        ru="Скидка участника | Для вида «скидка»: сколько получает каждый участник",
        en="Member's discount | For the kind “discount”: what every member gets",
    )  # fmt: skip
    point_worth: int = setting(
        Unit.MONEY, Section.REDEMPTION, 100, (1, 1_000_000),
        ru="Цена балла | Сколько денег заменяет один балл",
        en="Worth of a point | How much money one point stands for",
    )  # fmt: skip
    redemption_share: int = setting(
        Unit.PERCENT, Section.REDEMPTION, 5000, (0, BASIS),
        ru="Доля чека баллами | Какую часть покупки можно оплатить баллами",
        en="Share by points | Which part of a purchase points can pay",
    )  # fmt: skip
    confirm_redemption: bool = setting(
        Unit.FLAG, Section.REDEMPTION, True, None,
        ru="Клиент подтверждает | Списание только после нажатия кнопки или кода из SMS",
        en="Customer confirms | Points are spent only after a button or an SMS code",
    )  # fmt: skip
    points_payment_on: bool = setting(
        Unit.FLAG, Section.REDEMPTION, True, None, branch=True,
        ru="Оплата баллами | Выключите, чтобы в этой точке баллы не списывали",
        en="Paying by points | Switch off to stop spending points here",
    )  # fmt: skip
    expiry: Expiry = setting(
        Unit.CHOICE, Section.EXPIRY, Expiry.NEVER, None,
        ru="Сгорание | Когда неистраченные баллы пропадают",
        en="Expiry | When unspent points are lost",
    )  # fmt: skip
    expiry_days: int = setting(
        Unit.DAYS, Section.EXPIRY, 365, (1, MAX_DAYS),
        ru="Дней до сгорания | Для сгорания через дни после активации или без покупок",
        en="Days to expiry | For expiry days after activation or without a purchase",
    )  # fmt: skip
    eligible_pairs: tuple[Pair, ...] | None = setting(
        Unit.LIST, Section.ELIGIBILITY, None, (0, 64), branch=True,
        ru="Продажи и оплаты | Какие виды продаж с какой оплатой приносят баллы",
        en="Sales and payments | Which sale types earn with which payment",
    )  # fmt: skip
    exclude_all: bool = setting(
        Unit.FLAG, Section.ELIGIBILITY, False, None,
        ru="Исключить всё | Баллы приносит только отмеченное в списке исключений",
        en="Exclude everything | Only what is ticked in the list earns",
    )  # fmt: skip
    exclusions: tuple[Exclusion, ...] = setting(
        Unit.LIST, Section.ELIGIBILITY, (), (0, 500),
        ru="Исключения | Категории и товары, которые не приносят баллов и не получают скидку",
        en="Exclusions | Categories and products that earn nothing and take no discount",
    )  # fmt: skip
    level_metric: Metric = setting(
        Unit.CHOICE, Section.LEVELS, Metric.SOLD, None,
        ru="Уровень считают | По проданному, по оплаченному или по числу визитов",
        en="Levels count | What was sold, what was paid, or visits",
    )  # fmt: skip
    levels: tuple[Level, ...] = setting(
        Unit.LIST, Section.LEVELS, (), (0, 10),
        ru="Уровни | Ступени с собственным процентом, долей оплаты баллами и скидкой",
        en="Levels | Rungs with their own earning rate, share by points and discount",
    )  # fmt: skip
    rules: tuple[Rule, ...] = setting(
        Unit.LIST, Section.RULES, (), (0, 100),
        ru="Правила | Скидки, классы и категории, которые даются сами",
        en="Rules | Discounts, classes and categories that come by themselves",
    )  # fmt: skip
    discount_cancel_days: int | None = setting(
        Unit.DAYS, Section.RULES, None, (1, MAX_DAYS),
        ru="Скидка пропадает через | Дней без визита, после которых скидка по правилам — 0 %",
        en="Discount ends after | Days without a visit after which the rules' discount is 0 %",
    )  # fmt: skip
    class_cancel_days: int | None = setting(
        Unit.DAYS, Section.RULES, None, (1, MAX_DAYS),
        ru="Класс пропадает через | Дней без визита, после которых класс снимается",
        en="Class ends after | Days without a visit after which the class is taken away",
    )  # fmt: skip
    bronze_discount: int = setting(
        Unit.PERCENT, Section.RULES, 0, (0, BASIS),
        ru="Скидка класса «Бронза» | Сколько получает клиент этого класса",
        en="Bronze discount | What a customer of this class gets",
    )  # fmt: skip
    silver_discount: int = setting(
        Unit.PERCENT, Section.RULES, 0, (0, BASIS),
        ru="Скидка класса «Серебро» | Сколько получает клиент этого класса",
        en="Silver discount | What a customer of this class gets",
    )  # fmt: skip
    gold_discount: int = setting(
        Unit.PERCENT, Section.RULES, 0, (0, BASIS),
        ru="Скидка класса «Золото» | Сколько получает клиент этого класса",
        en="Gold discount | What a customer of this class gets",
    )  # fmt: skip
    visits_on: bool = setting(
        Unit.FLAG, Section.RULES, False, None, branch=True,
        ru="Отмечать визиты | Кассир записывает клиентов и отмечает, кто пришёл; покупка — тоже визит",
        en="Track visits | Staff book customers and mark who came; a purchase is a visit too",
    )  # fmt: skip
    part_payments_on: bool = setting(
        Unit.FLAG, Section.RULES, False, None, branch=True,
        ru="Оплата частями | Кассир указывает, сколько оплачено сейчас, и принимает доплату позже",
        en="Part payments | The till enters how much is paid now, and takes the rest later",
    )  # fmt: skip
    gifts: tuple[Gift, ...] = setting(
        Unit.LIST, Section.GIFTS, (), (0, 50),
        ru="Подарки за баллы | Для вида «бонусы»: что и за сколько баллов",
        en="Gifts for points | For the kind “bonus”: what, and for how many points",
    )  # fmt: skip
    nth_purchase: int | None = setting(
        Unit.COUNT, Section.GIFTS, None, (2, 1000),
        ru="Каждая N-я в подарок | Которая по счёту покупка бесплатна; пусто — нет",
        en="Every N-th free | Which purchase in a row is free; empty means none",
    )  # fmt: skip
    nth_category: int | None = setting(
        Unit.COUNT, Section.GIFTS, None, (1, 2**63 - 1),
        ru="N-я в категории | Категория товаров, в которой считают; если её нет — любая покупка",
        en="N-th within a category | The product category that counts; empty means any purchase",
    )  # fmt: skip
    nth_limit: int | None = setting(
        Unit.MONEY, Section.GIFTS, None, (1, MAX_MONEY),
        ru="Подарок не дороже | До какой суммы N-я покупка бесплатна; пусто — вся",
        en="Gift up to | Up to which sum the N-th purchase is free; empty means all of it",
    )  # fmt: skip
    welcome_points: int = setting(
        Unit.POINTS, Section.GIFTS, 0, (0, MAX_POINTS),
        ru="Приветственные баллы | Сколько получает новый участник",
        en="Welcome points | What a new member gets",
    )  # fmt: skip
    birthday_points: int = setting(
        Unit.POINTS, Section.GIFTS, 0, (0, MAX_POINTS),
        ru="Баллы ко дню рождения | Не чаще раза в 365 дней, что бы ни правили в анкете",
        en="Birthday points | Once in 365 days, whatever is edited in the profile",
    )  # fmt: skip
    birthday_before_days: int = setting(
        Unit.DAYS, Section.GIFTS, 0, (0, 60),
        ru="За сколько дней до дня рождения | Когда дарить баллы",
        en="Days before the birthday | When the points are given",
    )  # fmt: skip
    birthday_expiry_days: int = setting(
        Unit.DAYS, Section.GIFTS, 14, (1, 365),
        ru="Подарок ко дню рождения живёт | Дней, после которых он сгорает",
        en="Birthday gift lives | Days after which it expires",
    )  # fmt: skip
    referral_on: bool = setting(
        Unit.FLAG, Section.REFERRAL, True, None,
        ru="Приглашения друзей | Показывать ли личную ссылку",
        en="Inviting friends | Whether the personal link is shown",
    )  # fmt: skip
    referral_inviter_points: int = setting(
        Unit.POINTS, Section.REFERRAL, 0, (0, MAX_POINTS),
        ru="Баллы пригласившему | После первой покупки друга",
        en="Points to the inviter | After the friend's first purchase",
    )  # fmt: skip
    referral_friend_points: int = setting(
        Unit.POINTS, Section.REFERRAL, 0, (0, MAX_POINTS),
        ru="Баллы другу | После его первой покупки",
        en="Points to the friend | After their first purchase",
    )  # fmt: skip
    referral_min_purchase: int = setting(
        Unit.MONEY, Section.REFERRAL, 0, (0, MAX_MONEY),
        ru="Покупка друга от | Первая покупка на эту сумму приносит баллы обоим; меньшие не считаются",
        en="Friend's purchase from | The first purchase of this sum rewards both; smaller ones don't count",
    )  # fmt: skip
    referral_wait_days: int = setting(
        Unit.DAYS, Section.REFERRAL, 0, (0, 365),
        ru="Баллы за друга через | Через сколько дней после покупки, если её не вернули; 0 — сразу",
        en="Points for a friend after | Days after the purchase, unless it is refunded; 0 means at once",
    )  # fmt: skip
    referral_month_limit: int | None = setting(
        Unit.COUNT, Section.REFERRAL, 30, (1, 10_000),
        ru="Друзей с наградой в месяц | За скольких приглашающий получает баллы; пусто — без предела",
        en="Rewarded friends a month | For how many the inviter gets points; empty means no limit",
    )  # fmt: skip
    topics: tuple[TopicChoice, ...] = setting(
        Unit.LIST, Section.REMINDERS, (), (0, 64),
        ru="Что и как сообщать | Какие сообщения включены и каким путём они идут",
        en="What is told, and how | Which messages are on, and by which way they go",
    )  # fmt: skip
    expiry_soon_days: tuple[DaysBefore, ...] = setting(
        Unit.LIST, Section.REMINDERS, (DaysBefore(7), DaysBefore(1)), (0, 5),
        ru="Напомнить о сгорании за | За сколько дней до сгорания напоминать",
        en="Remind of expiry | How many days before points expire to say so",
    )  # fmt: skip
    discount_ends_days: int | None = setting(
        Unit.DAYS, Section.REMINDERS, 7, (1, 60),
        ru="Напомнить о скидке за | За сколько дней до того, как скидка пропадёт; о той, что живёт не дольше "
        "этих дней, не напоминаем; пусто — не напоминать",
        en="Remind of the discount | Days before the discount ends; of one that lives no longer than that "
        "nobody is reminded; empty means no reminder",
    )  # fmt: skip
    win_back: tuple[WinBackStep, ...] = setting(
        Unit.LIST, Section.REMINDERS, (), (0, 6),
        ru="Вернуть ушедших | Что сказать и подарить тем, кто давно не покупал",
        en="Win back | What to say and give to those who have not bought for long",
    )  # fmt: skip
    quiet_from: int = setting(
        Unit.COUNT, Section.REMINDERS, 21, (0, 23),
        ru="Не беспокоить с, час | По времени клиента: позже идут только коды и чеки",
        en="Quiet from, hour | By the customer's time: later only codes and receipts go",
    )  # fmt: skip
    quiet_to: int = setting(
        Unit.COUNT, Section.REMINDERS, 9, (0, 23),
        ru="Не беспокоить до, час | С этого часа снова можно писать, но напоминания и просьбы об отзыве идут "
        f"не раньше {MORNING}:00; тот же час — тишины нет",
        en="Quiet until, hour | From then messages go again, reminders and requests for a review not before "
        f"{MORNING}:00; the same hour means no quiet",
    )  # fmt: skip
    marketing_cap: int = setting(
        Unit.COUNT, Section.REMINDERS, 1, (1, 100),
        ru="Предложений не больше | Сколько рассылок и приглашений вернуться получает клиент за срок ниже",
        en="Offers at most | How many campaigns and win-back messages a customer gets in the time below",
    )  # fmt: skip
    marketing_cap_days: int = setting(
        Unit.DAYS, Section.REMINDERS, 7, (1, 90),
        ru="За сколько дней | Срок, за который считают предложения",
        en="In how many days | The time in which offers are counted",
    )  # fmt: skip
    review_hours: int | None = setting(
        Unit.HOURS, Section.REMINDERS, None, (1, 24 * 14),
        ru="Спросить отзыв через | Через сколько часов после покупки; пусто — не спрашивать",
        en="Ask for a review after | Hours after a purchase; empty means never",
    )  # fmt: skip
    review_pause_days: int = setting(
        Unit.DAYS, Section.REMINDERS, 14, (1, 365),
        ru="Отзыв не чаще раза в | За сколько дней клиента спрашивают не больше одного раза",
        en="A review at most once in | Days in which a customer is asked only once",
    )  # fmt: skip
    sms_daily_budget: int = setting(
        Unit.MONEY, Section.SMS, 1_000_00, (0, MAX_MONEY),
        ru="Бюджет SMS на день | Больше за день на SMS не тратится; 0 — SMS не отправляются",
        en="SMS budget a day | No more is spent on SMS in a day; 0 means that none are sent",
    )  # fmt: skip
    sms_code_share: int = setting(
        Unit.PERCENT, Section.SMS, 3000, (0, BASIS),
        ru="Запас для кодов | Какая часть бюджета остаётся кодам: напоминания и рассылки её не тронут",
        en="Kept for codes | Which part of the budget is left to codes: reminders and campaigns don't touch it",
    )  # fmt: skip
    sms_price: int = setting(
        Unit.MONEY, Section.SMS, 6_00, (1, 100_00),
        ru="Цена части SMS | По ней считают расход, пока шлюз не назвал свою",
        en="Price of an SMS part | What is counted until the gateway tells its own",
    )  # fmt: skip
    sms_low_balance: int | None = setting(
        Unit.MONEY, Section.SMS, 300_00, (1, MAX_MONEY),
        ru="Предупредить о балансе ниже | Когда на счёте шлюза останется меньше; пусто — не предупреждать",
        en="Warn of a balance below | When less is left on the gateway's account; empty means never",
    )  # fmt: skip
    sms_sender: str = setting(
        Unit.TEXT, Section.SMS, "", (0, 11),
        ru="Имя отправителя SMS | Согласованное со шлюзом; пусто — из настроек сервера",
        en="SMS sender's name | The one that the gateway registered; empty means the server's setting",
    )  # fmt: skip
    refund_grace_days: int = setting(
        Unit.DAYS, Section.REFUNDS, 14, (1, 365),
        ru="Отсрочка возвращённым баллам | Сколько живут баллы, срок которых вышел до возврата",
        en="Grace of returned points | How long points live whose time was over before the refund",
    )  # fmt: skip
    undo_minutes: int = setting(
        Unit.MINUTES, Section.REFUNDS, 15, (1, 24 * 60),
        ru="Отмена покупки в течение | Пока это время идёт, кассир отменяет одной кнопкой",
        en="Undo within | While this lasts, the cashier undoes a sale by one button",
    )  # fmt: skip
    refund_days: int = setting(
        Unit.DAYS, Section.REFUNDS, 90, (1, MAX_DAYS),
        ru="Возврат в течение | Сколько дней после покупки её можно вернуть",
        en="Refund within | For how many days a purchase can be refunded",
    )  # fmt: skip
    receipt_number: ReceiptNumber = setting(
        Unit.CHOICE, Section.SAFETY, ReceiptNumber.OFF, None, branch=True,
        ru="Номер чека | Вводит ли его кассир; один номер в точке за день принимается один раз",
        en="Receipt number | Whether the till enters it; a number is taken once per branch and day",
    )  # fmt: skip
    largest_accrual: int | None = setting(
        Unit.POINTS, Section.SAFETY, None, (1, MAX_POINTS),
        ru="Начисление за покупку до | Большее ждёт решения управляющего; пусто — без предела",
        en="Accrual of a purchase up to | A larger one waits for a manager; empty means no limit",
    )  # fmt: skip
    daily_accruals: int | None = setting(
        Unit.COUNT, Section.SAFETY, None, (1, 1000),
        ru="Начислений клиенту в день | Лишние ждут решения управляющего; пусто — без предела",
        en="Accruals per customer a day | More wait for a manager; empty means no limit",
    )  # fmt: skip
    weekly_pair_accruals: int | None = setting(
        Unit.COUNT, Section.SAFETY, None, (1, 1000),
        ru="Клиенту у одного кассира в неделю | Начислений; лишние ждут управляющего; пусто — без предела",
        en="Per customer and cashier a week | Accruals; more wait for a manager; empty means no limit",
    )  # fmt: skip
    manual_limit: int = setting(
        Unit.POINTS, Section.SAFETY, 500_00, (0, MAX_POINTS),
        ru="Баллы вручную до | Больше подтверждает второй сотрудник",
        en="Manual points up to | More is confirmed by a second person",
    )  # fmt: skip
    contact_is_proof: bool = setting(
        Unit.FLAG, Section.REGISTRATION, True, None,
        ru="Свой контакт подтверждает номер | Иначе на номер придёт код по SMS",
        en="Own contact proves the phone | Otherwise a code goes there by SMS",
    )  # fmt: skip
    code_length: int = setting(
        Unit.COUNT, Section.REGISTRATION, 4, (3, 8),
        ru="Цифр в коде | Длина кода из SMS",
        en="Digits in a code | How long an SMS code is",
    )  # fmt: skip

    def __post_init__(self) -> None:
        for name in specs(Programme):
            check(Programme, name, getattr(self, name))
        if not ladder_is_sound(self.levels):
            raise LevelsUnsound
        if against := contradictions(self.rules):
            raise RulesContradict(adding=plain(against[0][0]), removing=plain(against[0][1]))

    @property
    def step(self) -> int:
        """The programme's precision in hundredths of a point: whole points, hundredths for cashback."""
        return 1 if self.kind is Kind.CASHBACK else POINT

    @property
    def gifts_for_points(self) -> tuple[Gift, ...]:
        """The gifts that can be had now: only where the kind is bonus and points are taken."""
        return self.gifts if self.kind is Kind.BONUS and self.points_payment_on else ()

    def class_discount(self, name: str | None) -> int:
        """What a class of importance gets, in basis points."""
        return {"bronze": self.bronze_discount, "silver": self.silver_discount, "gold": self.gold_discount}.get(
            name or "", 0
        )


def to_json(programme: Programme) -> dict[str, Any]:
    """The settings as plain JSON values."""
    return {each.name: plain(getattr(programme, each.name)) for each in fields(programme)}


def with_changes(programme: Programme, changes: Mapping[str, Any]) -> Programme:
    """The programme with some settings changed.

    Raises InvalidSetting for a bad name or value, LevelsUnsound, RulesContradict.
    """
    return replace(programme, **{name: typed(Programme, name, value) for name, value in changes.items()})


def refuse_merchants_own(changes: Mapping[str, Any]) -> None:
    """Raise InvalidSetting when a change is not one that a branch may make for itself."""
    for name in changes:
        spec = specs(Programme).get(name)
        if spec is None or not spec.branch:
            raise InvalidSetting(name=name, low=None, high=None)


def from_json(values: Mapping[str, Any], branch: Mapping[str, Any] | None = None) -> Programme:
    """The settings in force: the merchant's values, then what the branch overrides.

    Unknown names are ignored, so that an older release can read what a newer one wrote.
    """
    known = specs(Programme)
    merged = {name: value for name, value in values.items() if name in known}
    merged |= {name: value for name, value in (branch or {}).items() if name in known and known[name].branch}
    return with_changes(Programme(), merged)
