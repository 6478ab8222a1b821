"""A letter that staff try is marked as one, however long it is."""

from html import unescape
from pathlib import Path

import pytest

from core.campaign_views import Letter
from handlers.letters import letter_screen, marked_as_test
from handlers.rendering import Renderer
from handlers.ui import Ui

RENDERER = Renderer(Path(__file__).parents[2] / "templates")


def letter(length: int, language: str, *, has_picture: bool, name: str | None = "A <b> Пример") -> Letter:
    said = {
        "name": name,
        "first_name": name,
        "merchant": "x",
        "card": "1",
        "level": None,
        "balance": 0,
        "worth": 0,
    }
    return Letter(7, "ж" * length, "Открыть", "https://example.com", has_picture, 1, language, said)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(("has_picture", "most"), [(True, 1024), (False, 4096)])
def test_the_mark_is_above_the_text_while_there_is_room(language: str, has_picture: bool, most: int) -> None:
    ui = Ui(RENDERER, language)
    for length in (10, most - 120):
        it = letter(length, language, has_picture=has_picture)
        shown = marked_as_test(ui, it, letter_screen(RENDERER, it))
        assert "A &lt;b&gt; Пример" in shown.text
        text = unescape(shown.text.replace("<b>", "").replace("</b>", ""))
        assert text.startswith("🧪")
        assert "7" in text.splitlines()[0]
        assert text.endswith("\n\n" + "ж" * length)
        assert len(text) < most
        assert [[key.text for key in row] for row in shown.keyboard.inline_keyboard] == [["Открыть"]]


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(("has_picture", "most"), [(True, 1024), (False, 4096)])
def test_a_letter_as_long_as_can_be_is_marked_by_a_button(language: str, has_picture: bool, most: int) -> None:
    ui = Ui(RENDERER, language)
    it = letter(most, language, has_picture=has_picture)
    shown = marked_as_test(ui, it, letter_screen(RENDERER, it))
    assert shown.text == "ж" * most
    first, second = shown.keyboard.inline_keyboard
    assert first[0].text.startswith("🧪")
    assert second[0].url == "https://example.com"


def test_nobodys_name_leaves_a_whole_sentence() -> None:
    it = letter(3, "ru", has_picture=False, name=None)
    shown = marked_as_test(Ui(RENDERER, "ru"), it, letter_screen(RENDERER, it))
    assert "не ваши, а клиента.\n\nжжж" in shown.text
