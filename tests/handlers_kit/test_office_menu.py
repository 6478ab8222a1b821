"""The office's menu in every language: each area has an icon, its own, before its word."""

import pytest

from handlers.rendering import Renderer
from handlers.staff.office.menu import AREAS
from tests.bots.world import TEMPLATES

RENDERER = Renderer(TEMPLATES)


@pytest.mark.parametrize("language", RENDERER.languages)
def test_every_area_has_an_icon_of_its_own(language: str) -> None:
    labels = [RENDERER.label(language, f"manage.{area.word}") for area in AREAS]
    icons, words = zip(*(label.split(" ", 1) for label in labels), strict=True)
    assert all(not any(char.isalnum() for char in icon) for icon in icons), labels
    assert len(set(icons)) == len(icons), labels
    assert all(word[0].isupper() for word in words), labels
