"""What a draft's questions answer to what they did not ask for, and to whoever comes too late."""

import pytest

from core.domain.people import Role
from core.services import Services
from handlers.callbacks import OnCampaign
from tests.bots.world import CASHIER
from tests.campaigns.kit import TEXT, drafted
from tests.campaigns.test_conversation import office, steps
from tests.conftest import ManualClock, hire

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def test_words_in_place_of_a_picture_are_told_that_a_photo_is_awaited(
    core: Services, clock: ManualClock
) -> None:
    async with office(core, clock, 1, 1) as at:
        await steps(at, "=/admin", "📣 Рассылки", "➕ Новая рассылка", "🖼 Картинка")
        assert "картинку фотографией" in await at.say("без картинки")


async def test_an_old_question_of_a_scheduled_campaign_is_refused_at_once(
    core: Services, clock: ManualClock
) -> None:
    async with office(core, clock, 1, 2) as at:
        owner = await core.staff.identify(CASHIER.id, "ru")
        assert owner is not None
        campaign = await drafted(core, owner)
        await steps(at, "=/admin", "📣 Рассылки", f"✏️ № {campaign} · черновик")
        said = await steps(at, "⏰ В другое время", "=25.03 15:30", "✅ Запланировать")
        assert "Ждёт своего времени" in said
        assert TEXT in said
        shown = at.last.id
        for do in ("when", "text", "picture", "button", "control", "days"):
            old = OnCampaign(do=do, id=campaign).pack()
            assert "изменить её нельзя" in await at.press(old, shown, force=True), do
        await steps(at, "⏹ Остановить", "⏹ Да, остановить", "⬅️ Назад")
        assert any(key.startswith(f"⏹ № {campaign} · ") for key in at.keys)
        assert not any("25 марта" in key for key in at.keys), "it never came to that day"


async def test_a_draft_begun_and_left_is_used_again(core: Services, clock: ManualClock) -> None:
    """Who looks into a new campaign and goes back leaves one draft, not one of each look. A colleague's, and one
    that says something, are left alone."""
    async with office(core, clock, 1, 1) as at:
        for _ in range(3):
            assert "Рассылка № 1" in await steps(at, "=/admin", "📣 Рассылки", "➕ Новая рассылка")
            await at.press("⬅️ Назад")
        assert len([key for key in at.keys if "черновик" in key]) == 1
        await steps(at, "➕ Новая рассылка", "🗓 Срок подсчёта", "▫️ 7")
        assert "Рассылка № 2" in await steps(at, "⬅️ Назад", "➕ Новая рассылка")
    manager = await hire(core, 9502, Role.MANAGER)
    theirs = await core.campaigns.create(manager, key="a")
    assert theirs.row.id == 3
    for part in ({"body": "x"}, {"control_share": 500}, {"by_sms": True}):
        made = await core.campaigns.create(manager, key=f"before:{part}")
        await core.campaigns.edit(manager, made.row.id, **part)
        assert (await core.campaigns.create(manager, key=f"after:{part}")).row.id != made.row.id
    chosen = await core.campaigns.create(manager, key="chosen")
    await core.segments.set_condition(manager, chosen.row.id, "languages", ("ru",))
    assert (await core.campaigns.create(manager, key="another")).row.id != chosen.row.id
