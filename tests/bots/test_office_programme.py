"""«Управление → Программа»: settings changed by people, refused with their bounds, and seen by both bots."""

from html import unescape

import pytest

from bot.jobs.engine import Engine
from core.domain.people import Role
from core.domain.programme import Programme
from core.domain.settings import Section, Unit, specs
from core.store import branches
from handlers.rendering import Renderer
from handlers.staff.office.programme import screens
from handlers.ui import Ui
from tests.bots.till_kit import CASHIER, MANAGER, Counter, counter, customer_with
from tests.bots.world import TEMPLATES
from tests.conftest import enrol, hire
from tests.core.kit import buy

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
BACK = "⬅️ Назад"


async def walk(at: Counter, *steps: str) -> str:
    """Press buttons one after another; what stands after ``=`` is typed. Returns what was said last."""
    said = ""
    for step in steps:
        said = await (at.say(step[1:]) if step.startswith("=") else at.press(step))
    return said


async def at_setting(at: Counter, section: str, title: str, *steps: str) -> str:
    return await walk(at, "=/admin", "📋 Программа", section, title, *steps)


async def test_a_percent_is_typed_previewed_and_saved(core):
    customer = await customer_with(core, 0)
    async with counter(core, CASHIER, Role.OWNER) as at:
        said = await at_setting(at, "Начисление", "Процент начисления")
        assert "Сейчас: 5 %" in said
        assert "Можно от 1 % до 100 %" in said
        assert "например 5 или 7,5" in await at.press("✏️ Изменить")
        said = await at.say("4,5 %")
        assert "Процент начисления: 5 % → 4,5 %" in said
        assert "к оплате 1 000,00 ₽, начислим 50 → 45" in said
        assert "спишем 500, начислим 25 → 22" in said
        assert "дорого" not in said
        assert (await core.programmes.current()).accrual_percent == 500
        said = await at.press("✅ Сохранить")
        assert "Сохранено" in said
        assert "Сейчас: 4,5 %" in said
        await at.say("9000000001 1000")
        assert "✅ Начислить 45" in at.keys
    assert customer


async def test_zero_and_a_hundred_and_one_are_refused_with_the_bounds(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at_setting(at, "Начисление", "Процент начисления", "✏️ Изменить")
        for typed in ("0", "101", "много", "-5"):
            assert "Можно от 1 % до 100 %. Отправьте другое" in await at.say(typed), typed
        assert "5 % → 6 %" in await at.say("6")


async def test_above_five_percent_it_warns(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at_setting(at, "Начисление", "Процент начисления", "✏️ Изменить")
        assert "⚠️ Процент начисления: больше 5 %" in await at.say("5,01")


async def test_what_was_not_saved_has_not_happened(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at_setting(at, "Начисление", "Покупка от", "✏️ Изменить")
        await at.say("500")
        preview = at.last.id
        said = await at.press("❌ Отмена")
        assert "Сейчас: 0,00 ₽" in said
        assert "устарел" in await at.press("f:save:0:min_purchase:", preview, force=True)
        await walk(at, "✏️ Изменить", "=500", "=/cancel")
        assert "устарел" in await at.press("f:save:0:min_purchase:", preview, force=True)
        assert "кнопками выше" not in await at.say("9000000001")
        assert (await core.programmes.current()).min_purchase == 0


async def test_hours_have_the_bounds_that_are_named(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        assert "Можно от 1 до 336 ч" in await at_setting(at, "Сообщения", "Спросить отзыв через", "✏️ Изменить")
        assert "Можно от 1 до 336 ч" in await at.say("0")
        assert "нет → 1 ч" in await at.say("1")


async def test_bounds_in_days_and_points_are_said_in_the_right_case(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        assert "Можно от 1 до 60 дней." in await at_setting(at, "Сообщения", "Напомнить о скидке за")
        said = await at_setting(at, "Подарки", "Приветственные баллы", "✏️ Изменить")
        assert "Можно от 0 до 100 000 000 баллов." in said


async def test_what_is_told_opens_its_own_screen(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        assert "Сейчас: как обычно" in await at_setting(at, "Сообщения", "Что и как сообщать")
        assert "Что и как отправлять" in await at.press("✏️ Изменить")


async def test_words_of_a_win_back_step_hold_no_fields(core):
    """They are sent as they are: {имя} would reach customers as it stands."""
    async with counter(core, CASHIER, Role.OWNER) as at:
        said = await at_setting(
            at, "Сообщения", "Вернуть ушедших", "✏️ Изменить", "➕ Добавить ступень", "=30 100 14"
        )
        assert "Скобки" not in said
        assert "Скобки { } здесь не сработают" in await at.say("Скучаем, {имя}!")
        assert "нет → 30 дн." in await at.say("Скучаем!")
        said = await at.press("✅ Сохранить")
        assert "Сохранено" in said
        assert "для следующих покупок" not in said


async def test_a_category_is_told_no_bounds(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        said = await at_setting(at, "Подарки", "N-я в категории")
        assert "Сейчас: любая покупка" in said
        assert "Можно от" not in said


async def test_the_next_customer_leaves_a_question_of_settings(core):
    await customer_with(core, 0)
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at_setting(at, "Начисление", "Процент начисления", "✏️ Изменить")
        assert "🧾 Покупка" in (await at.say("+7 900 000-00-01") and at.keys)
        await at_setting(at, "Подарки", "Подарки за баллы", "✏️ Изменить", "➕ Добавить подарок")
        assert "🧾 Покупка" in (await at.say("+7 900 000-00-01") and at.keys)


async def test_at_a_preview_typing_is_told_what_is_awaited(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at_setting(at, "Начисление", "Покупка от", "✏️ Изменить", "=500")
        assert "кнопками выше" in await at.say("9000000001")
        assert "Сохранено" in await at.press("✅ Сохранить")


async def test_switches_choices_and_empty_values_are_buttons(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        assert "Начислять при списании: да → нет" in await at_setting(
            at, "Начисление", "Начислять при списании", "🚫 Выключить"
        )
        assert at.keys[0] == "✅ Сохранить"
        assert "✅ Включить" in (await at.press("✅ Сохранить") and at.keys)
        await at_setting(at, "Сгорание", "Сгорание")
        assert at.keys[:2] == ["Через дни после активации", "Через дни без покупок"]
        assert "Сейчас: в конце года" in await walk(at, "В конце года", "✅ Сохранить")
        await at_setting(at, "Защита", "Начислений клиенту в день")
        assert at.keys == ["✏️ Изменить", BACK]
        assert "Сейчас: 3" in await walk(at, "✏️ Изменить", "=3", "✅ Сохранить")
        assert "Сейчас: нет" in await walk(at, "Убрать", "✅ Сохранить")
        assert "Сейчас: нет" in await walk(
            at, "✏️ Изменить", "=3", "✅ Сохранить", "✏️ Изменить", "=пусто", "✅ Сохранить"
        )
        assert "менять нечего" in await walk(at, "✏️ Изменить", "=пусто")


async def test_two_owners_at_the_same_setting(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        await hire(core, MANAGER.id, Role.OWNER)
        other = Counter(at.bots, MANAGER)
        await other.start()
        for each, typed in ((at, "3"), (other, "4")):
            await at_setting(each, "Начисление", "Процент начисления", "✏️ Изменить", f"={typed}")
        assert "Сохранено" in await at.press("✅ Сохранить")
        said = await other.press("✅ Сохранить")
        assert "изменил кто-то ещё" in said
        assert "Не сохранено" in said
        assert "Сейчас: 3 %" in said
        assert (await core.programmes.current()).accrual_percent == 300


async def test_the_kind_is_locked_after_the_first_card(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        assert "Вид: бонусы → скидка" in await at_setting(at, "Основное", "Вид", "Скидка")
        await enrol(core, 1)
        assert "Карты уже выданы" in await at.press("✅ Сохранить")
        assert "Карты уже выданы" in await at_setting(at, "Основное", "Вид", "Скидка")
        assert "Сейчас: кешбэк" in await walk(at, "Кешбэк", "✅ Сохранить")


async def test_a_manager_sets_the_own_branch_and_gives_it_up(core):
    await branches.add("Вторая", "Europe/Moscow", core.deps.clock.now())
    async with counter(core, MANAGER, Role.MANAGER) as at:
        said = await walk(at, "=/admin", "📋 Программа")
        assert "точка: Основная точка" in said
        assert "🧩 Готовые наборы" not in at.keys
        said = await at.press("Начисление")
        assert "Покупка от: 0,00 ₽ 🔒" in said
        assert at.keys == ["Процент начисления", "Скидка участника", BACK]
        said = await walk(at, "Процент начисления", "✏️ Изменить", "=3", "✅ Сохранить")
        assert "Сейчас: 3 % · своё в этой точке" in said
        assert (await core.programmes.current()).accrual_percent == 500
        for data in (
            "f:look:0:accrual_percent:",
            "f:sections:2::",
            "f:change:2:accrual_percent:",
            "f:presets:0::",
        ):
            assert "другие права" in await at.press(data, at.last.id, force=True), data
        said = await walk(at, "↩️ Как у сети", "✅ Сохранить")
        assert "Сейчас: 5 % · как у сети" in said
        assert "↩️ Как у сети" not in at.keys


async def test_the_owner_sees_which_branch_differs(core):
    second = await branches.add("Вторая", "Europe/Moscow", core.deps.clock.now())
    async with counter(core, CASHIER, Role.OWNER) as at:
        await walk(at, "=/admin", "📋 Программа")
        assert at.keys == ["🌐 Вся сеть", "Основная точка", "Вторая", BACK]
        said = await walk(at, "Вторая", "Основное", "Программа включена", "🚫 Выключить", "✅ Сохранить")
        assert "Сейчас: нет · своё в этой точке" in said
        said = await walk(at, "=/admin", "📋 Программа", "🌐 Вся сеть", "Основное")
        assert "Программа включена: да · иначе: Вторая" in said
        assert not (await core.programmes.current(second)).status_on
        assert (await core.programmes.current()).status_on


async def test_a_preset_is_shown_before_it_is_applied(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        said = await walk(at, "=/admin", "📋 Программа", "🧩 Готовые наборы", "🛍 Магазин")
        assert "Процент начисления: 5 % → 3 %" in said
        assert "Активация через: сразу → 14 дней" in said
        assert "Вид" not in said
        assert "Сохранено" in await at.press("✅ Сохранить")
        assert "менять нечего" in await walk(at, BACK, "🛍 Магазин")


async def test_payments_are_ticked_on_a_grid(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at_setting(at, "Что участвует", "Продажи и оплаты", "✏️ Изменить")
        assert at.keys.count("✅ Карта") == 3
        for row in ("На месте", "С собой", "Доставка"):
            await at.press(row)
        assert "не будут начисляться вовсе" in at.text
        assert "▫️ Карта" in at.keys
        assert "✅ Карта" not in at.keys
        await at.press("f:pair:0:eligible_pairs:delivery-card", at.last.id)
        said = await walk(at, "Готово", "✅ Сохранить")
        assert "Сейчас: доставка × карта" in said
        await walk(at, "✏️ Изменить", "Отметить всё", "Готово", "✅ Сохранить")
        assert (await core.programmes.current()).eligible_pairs is None


async def test_gifts_are_added_and_taken_away(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at_setting(at, "Подарки", "Подарки за баллы", "✏️ Изменить", "➕ Добавить подарок", "=Капучино")
        assert "Введите его цифрами" in await at.say("ноль")
        assert "Подарки за баллы: нет → Капучино" in await at.say("150")
        await walk(at, "✅ Сохранить", BACK, "➕ Добавить подарок", "=<b>Торт</b>", "=1000", "✅ Сохранить", BACK)
        assert "<b>Торт</b>: 1 000 баллов" in at.text
        shown = at.last.id
        await walk(at, "❌ Капучино", "✅ Сохранить")
        assert "устарел" in await at.press("f:gift_remove:0:gifts:0-1", shown, force=True)
        assert [gift.title for gift in (await core.programmes.current()).gifts] == ["<b>Торт</b>"]


async def test_levels_and_rules_lead_to_their_own_screens(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        for title in ("Уровни", "Правила"):
            assert "Сейчас: нет" in await at_setting(at, title, title)
            own = await at.press("✏️ Изменить")
            assert title.lower() in own.lower()
            assert "Сейчас" not in own


async def test_the_history_is_read_page_by_page(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        for percent in range(200, 800, 100):
            await core.programmes.change({"accrual_percent": percent})
        said = await walk(at, "=/admin", "📋 Программа", "🕓 История изменений")
        assert "2 марта, 12:00 · командная строка" in said
        assert "Процент начисления: 6 % → 7 %" in said
        assert "Начальные настройки" in await at.press("▶️")
        assert "Процент начисления: 6 % → 7 %" in await at.press("◀️")


async def test_what_if_counts_in_a_message_of_its_own(core):
    customer = await customer_with(core, 0)
    async with counter(core, CASHIER, Role.OWNER) as at:
        owner = await core.staff.identify(CASHIER.id, "ru")
        await core.preferences.edit_at_till(owner, customer, name="Анна Петрова")
        await buy(core, owner, customer, 1000_00)
        await at_setting(at, "Начисление", "Процент начисления", "✏️ Изменить", "=10")
        preview = at.last.id
        assert "Считаем" in await at.press("🔮 Что если")
        await Engine(core).work()
        said = await at.sees("Кому выгоднее")
        assert "Начислено: 50 баллов → 100 баллов" in said
        assert "А*** П*** +50,00 ₽" in said
        assert "Петрова" not in said
        assert "Сохранено" in await at.press("✅ Сохранить", preview)


async def test_every_section_and_setting_opens_in_both_languages(core):
    """Each screen is made from the declarations, so each is looked at."""
    renderer = Renderer(TEMPLATES)
    for language in renderer.languages:
        for section in Section:
            assert renderer.label(language, f"office.section.{section}")
        for spec in specs(Programme).values():
            for choice in spec.choices:
                assert renderer.label(language, f"office.choice.{spec.name}.{choice}")
    board = await core.boards.board(await hire(core, CASHIER.id, Role.OWNER), None)
    for language in renderer.languages:
        ui = Ui(renderer, language)
        for spec in specs(Programme).values():
            shown = unescape(screens.setting(ui, board, spec).text)
            asked = unescape(screens.asked(ui, board, spec).text) if spec.unit is not Unit.LIST else shown
            assert spec.title(language) in shown
            assert spec.title(language) in asked
            assert spec.help(language) in shown
