"""A newcomer in the browser: registration by an SMS code, a sale, and a sale paid with points."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "simulator.png"
WAIT_MS = 120_000

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class Phone:
    """One of the two phones on the page."""

    def __init__(self, page: Page, name: str) -> None:
        self._page = page
        self._name = name
        self.pane = page.get_by_test_id(f"pane-{name}")

    async def start(self) -> None:
        await self._page.get_by_test_id(f"start-{self._name}").click()

    async def type(self, text: str) -> None:
        await self._page.get_by_test_id(f"input-{self._name}").fill(text)
        await self._page.get_by_test_id(f"send-{self._name}").click()

    async def press(self, words: str) -> None:
        """The newest inline button with these words."""
        await self.pane.get_by_test_id("inline-key").filter(has_text=words).last.click()

    async def sees(self, words: str) -> Locator:
        """The newest message with these words."""
        message = self.pane.get_by_test_id("message").filter(has_text=words).last
        await expect(message).to_be_visible()
        return message

    async def choose(self, person: str) -> None:
        await self._page.get_by_test_id(f"person-select-{self._name}").select_option(label=person)


async def register(page: Page, customer: Phone) -> None:
    """From «Начать» to the menu, by a typed phone and the code from the SMS inbox."""
    await customer.start()
    await customer.sees("номер")
    await customer.type("8 900 000-02-01")
    sms = page.get_by_test_id("sms-item").first
    await sms.get_by_test_id("insert-code").click()
    await page.get_by_test_id("send-customer").click()
    await customer.press("Согласен")
    await customer.sees("Как вас зовут")
    await customer.press("Пропустить")
    await customer.sees("Когда у вас день рождения")
    await customer.press("Пропустить")
    await customer.sees("Готово")


async def test_registration_and_a_sale_with_redemption(demo: str, browser: Browser) -> None:
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="ru-RU")
    context.set_default_timeout(WAIT_MS)
    expect.set_options(timeout=WAIT_MS)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(demo)
    customer, till = Phone(page, "customer"), Phone(page, "staff")
    await register(page, customer)
    await till.type("9000000201 1500")
    await till.press("Начислить")
    await till.sees("Начислено: 75 баллов")
    await customer.sees("Начислено: +75 баллов")
    await till.type("9000000201 1000")
    await till.press("Списать")
    await customer.press("Списать")
    await till.sees("К оплате")
    await expect(till.pane.get_by_test_id("message").last).to_contain_text("825")
    if os.environ.get("KEEP_SCREENSHOT"):
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=PICTURE)
    await only_a_card_is_shown_to_the_till(customer)
    assert not complaints


async def only_a_card_is_shown_to_the_till(customer: Phone) -> None:
    """An invitation is a picture with a QR too, and for a friend's eyes."""
    await customer.type("/card")
    card = await customer.sees("Покажите QR на кассе")
    await expect(card.get_by_test_id("show-to-till")).to_be_visible()
    await customer.type("/invite")
    invitation = await customer.sees("Пригласите друга")
    await expect(invitation.get_by_test_id("photo")).to_be_visible()
    await expect(invitation.get_by_test_id("open-as")).to_be_visible()
    await expect(invitation.get_by_test_id("show-to-till")).to_have_count(0)


async def test_the_page_fits_a_phone(demo: str, browser: Browser) -> None:
    context = await browser.new_context(viewport={"width": 390, "height": 844}, locale="ru-RU", has_touch=True)
    context.set_default_timeout(WAIT_MS)
    page = await context.new_page()
    await page.goto(demo)
    for tab in ("customer", "staff", "sms"):
        await page.get_by_test_id(f"tab-{tab}").click()
        wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"the {tab} tab scrolls sideways"
