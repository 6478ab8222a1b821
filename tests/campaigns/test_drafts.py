"""What a draft's questions answer to what they did not ask for, and to whoever comes too late."""

import pytest

from core.services import Services
from handlers.callbacks import OnCampaign
from tests.bots.world import CASHIER
from tests.campaigns.kit import TEXT, drafted
from tests.campaigns.test_conversation import office, steps
from tests.conftest import ManualClock

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
