"""«✉️ Сообщения» in the office: the figures, and resuming codes that were stopped."""

from datetime import timedelta

import pytest

from core.actors import StaffActor
from core.domain.errors import NotAllowed
from core.domain.people import Role
from core.domain.programme import Programme, with_changes
from core.services import Services
from core.sms_report import period_of
from core.store import outbox, sms_gateways, sms_money
from core.store.sms_report import Told
from core.store.sql import fetch
from handlers.notices import notice
from handlers.rendering import Renderer
from handlers.staff.office.messages import report_screen
from handlers.ui import Ui
from tests.bots.world import TEMPLATES
from tests.conftest import ManualClock, hire


@pytest.fixture
def ui(clock: ManualClock) -> Ui:
    return Ui(Renderer(TEMPLATES, clock=clock), "ru")


def test_the_share_of_spared_sms_counts_what_may_go_by_sms() -> None:
    rows = [
        Told("telegram", "expiry_soon", "sent", 6),
        Told("telegram", "level", "sent", 100),
        Told("sms", "code", "delivered", 1),
        Told("sms", "code", "failed", 1),
    ]
    period = period_of(rows, 3, 12_00, Programme())
    assert (period.telegram, period.sms, period.delivered, period.failed) == (106, 2, 1, 4)
    assert period.spared == 7500
    choice = {"topic": "level", "on": True, "telegram": True, "sms": True}
    with_levels = with_changes(Programme(), {"topics": [choice]})
    assert period_of(rows, 0, 0, with_levels).spared == 106 * 10_000 // 108
    assert period_of([], 0, 0, Programme()).spared is None


async def send(core: Services, topic: str, channel: str, count: int, *, state: str, days_ago: int = 0) -> None:
    at = core.deps.clock.now() - timedelta(days=days_ago)
    drafts = [
        outbox.Draft(
            topic=topic, channel=channel, template="t", language="ru", priority=0, phone="79000000001",
            bot="customer" if channel == "telegram" else None, dedupe_key=f"{topic}{channel}{state}{days_ago}:{n}",
        )
        for n in range(count)
    ]  # fmt: skip
    await outbox.enqueue(drafts, at)
    await fetch("UPDATE message SET state = $1, sent_at = $2 WHERE state = 'queued'", state, at)


async def test_the_owner_sees_today_and_thirty_days(
    core: Services, cashier: StaffActor, clock: ManualClock, ui: Ui
) -> None:
    owner = await hire(core, 9100, Role.OWNER)
    await send(core, "expiry_soon", "telegram", 9, state="sent")
    await send(core, "code", "sms", 3, state="delivered")
    await send(core, "code", "sms", 2, state="failed", days_ago=10)
    await send(core, "code", "sms", 5, state="delivered", days_ago=40)
    now = clock.now()
    await sms_money.take(core.sms_budget.day_of(now), 18_00, 1_000_00)
    await sms_money.take(core.sms_budget.day_of(now - timedelta(days=10)), 12_00, 1_000_00)
    await sms_gateways.note_balance("smsaero", 337_03, now)
    await sms_gateways.note_down("smsru", "timeout", now)
    await sms_money.stop("bot", now)
    screen = report_screen(ui, await core.sms_reports.look(owner), owner.time_zone)
    shown = screen.text.replace("\xa0", " ")
    today, month = shown.split("30 дней")
    assert "Telegram: 9" in today
    assert "SMS: 3 · доставлено: 3" in today
    assert "Расход на SMS: 18,00 ₽" in today
    assert "982,00 ₽ из 1 000,00 ₽" in today
    assert "Telegram вместо SMS: 75 %" in today
    assert "SMS: 5 · доставлено: 3 · не дошло: 2" in month
    assert "Расход на SMS: 30,00 ₽" in month
    assert "🟢 SMS Aero · на счёте 337,03 ₽" in month
    assert "🔴 SMS.ru" in month
    assert "остановлены (бот клиентов)" in month
    assert "Коды в боте: возобновить" in str(screen.keyboard)
    with pytest.raises(NotAllowed):
        await core.sms_reports.look(cashier)


def test_the_alert_has_the_button_to_resume(ui: Ui) -> None:
    data = {"which": "bot", "origin": "bot", "sent": 50, "entered": 7, "over": False}
    asking = notice(ui, "notice/alert_codes_not_entered", data)
    assert "ms:resume:bot" in str(asking.keyboard)
    assert notice(ui, "notice/alert_codes_not_entered", data | {"over": True}).keyboard is None


KINDS = {
    "gateway_down": {"which": "smsaero", "reason": "timeout"},
    "money_short": {"which": "smsru", "balance": 99_00, "low": 300_00},
    "budget": {"which": "80", "percent": 80, "budget": 1_000_00},
    "codes_not_entered": {"which": "till", "sent": 50, "entered": 1},
    "queue_old": {"which": "", "messages": 3, "minutes": 6},
    "ledger_broken": {"which": "", "rules": ["lot_bounds"], "rows": 1},
    "text_failed": {"which": "receipt.ru", "template": "receipt", "language": "ru", "channel": "sms"},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_alert_says_what_to_do(ui: Ui, kind: str, language: str) -> None:
    words = "Что сделать:" if language == "ru" else "What to do:"
    begun = ui.renderer.text(language, f"notice/alert_{kind}", over=False, **KINDS[kind])
    over = ui.renderer.text(language, f"notice/alert_{kind}", over=True, **KINDS[kind])
    assert words in begun
    assert over.startswith("✅")


async def test_alerts_begin_and_end_once_and_not_more_than_once_an_hour(
    core: Services, clock: ManualClock
) -> None:
    from core.alerts import raise_alert, settle_alert

    await hire(core, 9100, Role.OWNER)

    async def told() -> list[bool]:
        rows = await fetch("SELECT dedupe_key FROM message WHERE topic = 'alert' ORDER BY id")
        return [row["dedupe_key"].endswith(":1") for row in rows]

    async def happen(*, up: bool) -> None:
        await (settle_alert if up else raise_alert)(
            "queue_old", *(() if up else ({"messages": 1, "minutes": 6},)), clock.now()
        )

    for _ in range(3):
        await happen(up=False)
    assert await told() == [False]
    clock.forward(minutes=10)
    await happen(up=True)
    await happen(up=True)
    assert await told() == [False, True]
    clock.forward(minutes=10)
    await happen(up=False)
    await happen(up=True)
    assert await told() == [False, True]  # within the hour: neither
    await happen(up=False)
    clock.forward(minutes=20)
    await outbox.enqueue(
        [outbox.Draft(topic="till", channel="telegram", template="t", language="ru", dedupe_key="x", priority=10)],
        clock.now() - timedelta(minutes=6),
    )
    await core.alerts.watch(clock.now())
    assert await told() == [False, True]
    clock.forward(minutes=30)
    await core.alerts.watch(clock.now())
    await core.alerts.watch(clock.now())
    assert await told() == [False, True, False]  # it goes on after the hour
    await fetch("UPDATE message SET state = 'sent'")
    await core.alerts.watch(clock.now())
    assert await told() == [False, True, False, True]
