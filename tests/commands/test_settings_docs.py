"""docs/settings.md says what the declarations say."""

from pathlib import Path

from bot.settings_docs import settings_page
from core.domain.programme import Programme
from core.domain.reminders import MORNING
from core.domain.settings import specs

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_of_settings_is_fresh() -> None:
    assert PAGE.read_text("utf-8") == settings_page(), "stale: python -m bot programme --docs > docs/settings.md"


def test_every_setting_is_on_it() -> None:
    page = settings_page()
    assert [name for name in specs(Programme) if f"`{name}`" not in page] == []
    assert f"reminders and requests for a review not before {MORNING}:00" in page
    assert "| Earning rate `accrual_percent` | Процент начисления | 5 % | 1 % to 100 % | branch |" in page
    assert "Напомнить о сгорании за | 7; 1 |" in page
