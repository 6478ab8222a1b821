"""The card and the invitation's QR: readable after what messengers do to pictures, whatever the words on them."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops

from handlers.fonts import BOLD, drawable, fit, load_font
from handlers.images import HEIGHT, WIDTH, card_picture, draw_card, draw_qr, qr_picture
from handlers.scan import read_codes

from .codes import encoded

SIGNED = "kop1.AbCdEf0123456789.1763760000.Zm9vYmFyYmF6cXV4cXV1eA"
WORDS = {"name": "Анна", "level": "Золотой", "merchant": "Кофейня «Копилка»", "code": "482913", "footer": "Минута"}


def opened(data):
    picture = Image.open(BytesIO(data))
    assert picture.format == "PNG"
    return picture


def as_messengers_send(data, side=800):
    picture = opened(data).convert("RGB")
    picture.thumbnail((side, side))
    return encoded(picture, "JPEG", quality=60)


def differs(one, other, box):
    return ImageChops.difference(opened(one).crop(box), opened(other).crop(box)).getbbox() is not None


@pytest.mark.parametrize("text", [SIGNED, "1234", "https://t.me/sample_bot?start=ref_AB12CD", "k" * 150, "Привет"])
async def test_the_card_survives_recompression(text):
    card = await draw_card(text, **WORDS)
    assert opened(card).size == (WIDTH, HEIGHT)
    assert await read_codes(as_messengers_send(card)) == [text]
    assert await read_codes(card) == [text]


@pytest.mark.parametrize("text", [SIGNED, "https://t.me/sample_bot?start=ref_AB12CD", "k" * 300])
async def test_the_invitation_survives_recompression(text):
    assert await read_codes(as_messengers_send(await draw_qr(text), 400)) == [text]


def test_a_qr_has_its_quiet_zone():
    picture = opened(qr_picture(SIGNED))
    assert picture.width <= 800
    module = picture.width // (picture.width // 16)
    assert picture.crop((0, 0, picture.width, 3 * module)).getextrema() == (255, 255)


HEAD, CODE, NAME, FOOT = (0, 60, 960, 220), (60, 980, 900, 1080), (60, 1085, 900, 1180), (0, 1195, 960, 1280)


@pytest.mark.parametrize(
    ("field", "value", "box"),
    [
        ("merchant", "Пекарня", HEAD),
        ("level", None, HEAD),
        ("level", "Серебряный", HEAD),
        ("code", "482914", CODE),
        ("name", "Борис", NAME),
        ("footer", "Другое", FOOT),
    ],
)
def test_each_word_is_drawn_in_its_place(field, value, box):
    assert differs(card_picture(SIGNED, **WORDS), card_picture(SIGNED, **WORDS | {field: value}), box)


FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
EVIL = ["", " ", FAMILY, "\x00\u202e", "Ж" * 10_000, "علي", "<b>{{x}}</b>", "\ud800", "a\nb"]


@pytest.mark.parametrize("evil", EVIL)
async def test_any_words_leave_a_readable_card(evil):
    words = {"name": evil, "level": evil, "merchant": evil, "footer": evil, "code": "123456"}
    assert await read_codes(as_messengers_send(card_picture(SIGNED, **words))) == [SIGNED]


def test_the_font_has_every_letter_of_the_product():
    letters = "".join(chr(c) for c in range(ord("А"), ord("я") + 1)) + "Ёё" + "ӘәҒғҚқҢңӨөҰұҮүҺһІіЇїЄєҐґЎў"
    text = letters + "ABCXYZabcxyz0123456789«»—…₽€№%+-−"
    assert drawable(text) == text
    font = load_font(40)
    assert len({bytes(font.getmask(letter)) for letter in "АБВГДЕЖЗИЙКЛ"}) == 12


def test_what_has_no_glyph_is_left_out():
    assert drawable("Анна 🎉 علي  Мария\n") == "Анна Мария"


@pytest.mark.parametrize("text", ["", "Ж", "Константинопольская", "Ж" * 400])
def test_words_fit_their_width(text):
    shown, font = fit(text, 300, (60, 30), BOLD)
    assert font.getlength(shown) <= 300
    assert 30 <= font.size <= 60
    assert shown == text or (shown.endswith("…") and text.startswith(shown[:-1]))
    assert bool(shown) == bool(text)
