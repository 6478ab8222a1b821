"""Text on pictures: a font that comes with the product's dependencies, and how to fit words into a width."""

from bisect import bisect_right
from functools import cache
from importlib.resources import files
from io import BytesIO
from math import ceil

from PIL import ImageFont

_FONT = "files/Onest[wght].ttf"
_NOT_IN_ANY_FONT = "\U0010ffff"
_LONGEST = 200
REGULAR, BOLD = 400, 700


def load_font(size: int, weight: int = REGULAR) -> ImageFont.FreeTypeFont:
    """Onest in pixels of ``size``: Latin and Cyrillic. Not to be shared between threads."""
    font = ImageFont.truetype(BytesIO(_font_file()), size, layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes([weight])
    return font


def drawable(text: str) -> str:
    """The text without what the font has no glyph for (emoji, other scripts), spaces collapsed.

    Only its first 200 characters: more never fits, and measuring it takes minutes.
    """
    return " ".join("".join(char for char in text[:_LONGEST] if char == " " or _has_glyph(char)).split())


def fit(text: str, width: int, sizes: tuple[int, int], weight: int) -> tuple[str, ImageFont.FreeTypeFont]:
    """The text and the largest font of ``sizes`` (largest, smallest) that fit into ``width`` pixels.

    What is too long even in the smallest is cut and ends with an ellipsis.
    """
    size, smallest = sizes
    font = load_font(size, weight)
    while size > smallest and font.getlength(text) > width:
        size = max(smallest, min(size - 1, int(size * width / font.getlength(text))))
        font = load_font(size, weight)
    if font.getlength(text) <= width:
        return text, font
    kept = bisect_right(range(len(text)), width, key=lambda end: ceil(font.getlength(f"{text[:end]}…"))) - 1
    return f"{text[: max(0, kept)].rstrip()}…", font


@cache
def _font_file() -> bytes:
    return files("fontpkg_onest").joinpath(_FONT).read_bytes()


@cache
def _has_glyph(char: str) -> bool:
    font = load_font(24)
    missing, mask = font.getmask(_NOT_IN_ANY_FONT), font.getmask(char)
    return mask.size != missing.size or bytes(mask) != bytes(missing)
