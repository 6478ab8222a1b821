"""«Каталог» through the staff bot: products by hand and from files, categories, search, the list as a file."""

import io

from openpyxl import load_workbook

from core.domain.people import Role
from core.services import Services
from simulator import Message
from tests.bots.till_kit import MANAGER, STAFF_BOT, Counter, counter
from tests.core.kit import one

HEAD = "Артикул;Штрихкод;Название;Категория;Цена\n"


async def at_catalogue(at: Counter) -> str:
    await at.say("/admin")
    return await at.press("🛍 Каталог")


async def send_file(at: Counter, content: bytes, name: str = "list.csv") -> str:
    return await at.do(lambda: at.bots.world.send_document(at.person, STAFF_BOT, content, name))


async def work_off(core: Services) -> None:
    while (job := await core.jobs.claim("worker")) is not None:
        while job is not None:
            job = await core.jobs.step(job, "worker")


def document(message: Message) -> tuple[str, bytes]:
    assert message.media is not None
    assert message.media.file is not None
    return message.media.file.name, message.media.file.data


async def test_a_product_is_added_by_hand_changed_and_found(core: Services) -> None:
    async with counter(core, MANAGER, Role.MANAGER) as at:
        assert "Товаров пока нет" in await at_catalogue(at)
        assert "📤 Скачать список" not in at.keys
        await at.press("➕ Товар")
        await at.say("Чай  чёрный")
        assert "от 0,01" in await at.say("дорого")
        card = await at.say("149,90")
        assert "Чай чёрный" in card
        assert "Цена: 149,90 ₽" in card
        await at.press("✏️ Название")
        assert "Чай зелёный" in await at.say("Чай зелёный")
        await at.press("Штрихкод")
        assert "от 4 до 32" in await at.say("1,5")
        assert "Штрихкод: 4607001234567" in await at.say("4607001234567")
        await at.press("🏷 Категория")
        await at.press("➕ Новая категория")
        assert "Категория: Напитки" in await at.say("Напитки")
        await at.press("💵 Цена")
        assert "спросим на кассе" in await at.press("Убрать")
        assert "Не продаётся" in await at.press("🚫 Не продаём")
        await at.press("⬅️ Назад")
        assert "Чай зелёный" in at.keys
        assert "Нашлось: 1" in await at.say("зелен")
        assert "Нашлось: 1" in await at.say("4607001234567")
        assert "Ничего не нашлось" in await at.say("100%")
        await at.press("⬅️ Весь каталог")
        await at.press("🏷 Категории")
        await at.press("Напитки · 1")
        assert "🗑 Удалить" not in at.keys
        await at.press("✏️ Название")
        await at.say("Горячее")
        assert "Горячее · 1" in at.keys
    assert await one("SELECT count(*) FROM product") == 1
    assert await one("SELECT count(*) FROM audit_row WHERE object_kind = 'product'") == 6


async def test_an_empty_category_is_deleted_and_a_used_one_is_kept(core: Services) -> None:
    async with counter(core, MANAGER, Role.MANAGER) as at:
        await at_catalogue(at)
        await at.press("🏷 Категории")
        await at.press("➕ Новая категория")
        await at.say("Напитки")
        await at.press("Напитки · 0")
        drinks = await one("SELECT id FROM product_category")
        await core.programmes.change({"exclusions": [{"kind": "category", "id": drinks}]})
        assert "нужна настройкам" in await at.press("🗑 Удалить")
        await core.programmes.change({"exclusions": []})
        assert "Категорий пока нет" in await at.press("🗑 Удалить")
        assert "уже нет" in await at.press(f"pr:group:{drinks}:0:", at.last.id, force=True)


async def test_a_file_is_checked_shown_loaded_and_its_errors_come_back(core: Services) -> None:
    async with counter(core, MANAGER, Role.MANAGER) as at:
        await at_catalogue(at)
        asked = await at.press("📥 Загрузить файл")
        assert "Артикул (обязательно)" in asked
        assert "100 000 строк" in asked
        assert "Жду файл" in await at.say("а что присылать?")
        assert "не хватает колонок: «Артикул»" in await send_file(at, "Название;Цена\nЧай;5\n".encode())
        rows = "A1;4607001234567;Чай;Напитки;89,90\nA2;;Пирог;;\nA3;;;;\nA1;;Дубль;;1\n"
        said = await send_file(at, (HEAD + rows).encode("cp1251"))
        assert "Новых: 2" in said
        assert "С ошибками: 2" in said
        assert "Строка 4, Название: пусто" in said
        assert "Строка 5, Артикул: «A1», нужно: не то же, что в строке 2" in said
        assert await one("SELECT count(*) FROM product") == 0
        await at.press("📄 Ошибки файлом")
        name, content = document(at.last)
        assert name == "oshibki.csv"
        assert "4;Название" in content.decode("utf-8-sig")
        assert "Загружаем" in await at.press("✅ Загрузить")
        await work_off(core)
        assert "Загружено. Новых: 2" in await at.sees("✅ Загружено")
        assert await one("SELECT count(*) FROM product") == 2
        await at_catalogue(at)
        assert [key for key in at.keys if key.startswith(("Чай", "Пирог"))] == ["Пирог", "Чай · 89,90 ₽"]
        await at.press("📤 Скачать список")
        name, content = document(at.last)
        assert name.startswith("tovary-")
        sheet = load_workbook(io.BytesIO(content)).worksheets[0]
        assert [cell.value for cell in sheet[3]] == ["A1", "4607001234567", "Чай", "Напитки", "89,90", "да"]
        await at_catalogue(at)
        await at.press("📥 Загрузить файл")
        again = await send_file(at, content, name)
        assert "Без изменений: 2" in again
        assert "✅ Загрузить" not in at.keys
