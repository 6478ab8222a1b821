"""Pictures for a phone: the loyalty card with its QR, and a QR alone. PNG; CPU-bound, so use the async ones."""

import asyncio
from functools import cache
from io import BytesIO

import segno
from PIL import Image, ImageDraw

from handlers.fonts import BOLD, REGULAR, drawable, fit, load_font

WIDTH, HEIGHT = 960, 1280
_MARGIN = 56
_PANEL = (_MARGIN, 236, WIDTH - _MARGIN, 1190)
_QR_SIDE = 736
_QR_TOP = 240
_TEXT_WIDTH = 760
_SMOOTH = 3
_QUIET = 4

_INK = "#1B2A33"
_DEEP = "#0E5A4F"
_DEEPER = "#0B4A41"
_PAPER = "#FFFFFF"
_SOFT = "#6B7B83"
_PALE = "#CFE6DF"
_GOLD = "#F2C14E"


def card_picture(qr_text: str, *, name: str, level: str | None, merchant: str, code: str, footer: str) -> bytes:
    """The customer's card: merchant, level, QR, the code for typing (``123 456``), name and a footer.

    ``code`` is of 6 digits. Characters without a glyph are left out; long texts shrink, then are cut.
    """
    picture = _backdrop().copy()
    draw = ImageDraw.Draw(picture)
    _head(picture, merchant, level)
    qr = _qr(qr_text, _QR_SIDE)
    picture.paste(qr, ((WIDTH - qr.width) // 2, _QR_TOP + (_QR_SIDE - qr.height) // 2))
    spaced, font = f"{code[:3]} {code[3:]}", load_font(116, BOLD)
    draw.text((WIDTH // 2, 1020), spaced, fill=_INK, font=font, anchor="mm")
    _centred(draw, name, 1124, (50, 34), _SOFT)
    _centred(draw, footer, 1236, (34, 24), _PALE)
    return _png(picture)


def qr_picture(text: str) -> bytes:
    """A QR of at least level M with its quiet zone, at most 800 pixels wide: for an invitation's link."""
    return _png(_qr(text, 800))


async def draw_card(qr_text: str, *, name: str, level: str | None, merchant: str, code: str, footer: str) -> bytes:
    """``card_picture`` in a thread."""
    return await asyncio.to_thread(
        card_picture, qr_text, name=name, level=level, merchant=merchant, code=code, footer=footer
    )


async def draw_qr(text: str) -> bytes:
    """``qr_picture`` in a thread."""
    return await asyncio.to_thread(qr_picture, text)


@cache
def _backdrop() -> Image.Image:
    """What all cards share, drawn larger and scaled down for smooth edges. To be copied, not drawn on."""
    large = Image.new("RGB", (WIDTH * _SMOOTH, HEIGHT * _SMOOTH), _DEEP)
    draw = ImageDraw.Draw(large)
    draw.ellipse([_SMOOTH * at for at in (560, -260, 1200, 380)], fill=_DEEPER)
    draw.ellipse([_SMOOTH * at for at in (-300, 900, 260, 1460)], fill=_DEEPER)
    draw.rounded_rectangle([_SMOOTH * at for at in _PANEL], radius=48 * _SMOOTH, fill=_PAPER)
    return large.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def _head(picture: Image.Image, merchant: str, level: str | None) -> None:
    """The merchant's name at the left and, when there is one, the level in a gold pill at the right."""
    draw, right = ImageDraw.Draw(picture), WIDTH - _MARGIN
    if level and (shown := drawable(level)):
        label, font = fit(shown, 300, (38, 26), BOLD)
        width = int(font.getlength(label)) + 56
        pill = Image.new("L", (width * _SMOOTH, 68 * _SMOOTH))
        ImageDraw.Draw(pill).rounded_rectangle((0, 0, pill.width - 1, pill.height - 1), pill.height / 2, 255)
        picture.paste(_GOLD, (right - width, 100), pill.resize((width, 68), Image.Resampling.LANCZOS))
        draw.text((right - width / 2, 134), label, fill=_INK, font=font, anchor="mm")
        right -= width + 32
    title, font = fit(drawable(merchant), right - _MARGIN, (76, 40), BOLD)
    draw.text((_MARGIN, 134), title, fill=_PAPER, font=font, anchor="lm")


def _centred(draw: ImageDraw.ImageDraw, text: str, y: int, sizes: tuple[int, int], colour: str) -> None:
    shown, font = fit(drawable(text), _TEXT_WIDTH, sizes, REGULAR)
    draw.text((WIDTH // 2, y), shown, fill=colour, font=font, anchor="mm")


def _qr(text: str, side: int) -> Image.Image:
    """Black on white with whole pixels a module, as large as ``side`` allows."""
    code = segno.make(text, error="m", micro=False)
    modules = len(code.matrix) + 2 * _QUIET
    pixels = b"".join(
        bytes(0 if dark else 255 for dark in row) for row in code.matrix_iter(scale=1, border=_QUIET)
    )
    small = Image.frombytes("L", (modules, modules), pixels)
    scale = max(1, side // modules)
    return small.resize((modules * scale, modules * scale), Image.Resampling.NEAREST)


def _png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG", compress_level=6)
    return out.getvalue()
