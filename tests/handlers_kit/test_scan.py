"""Photos of codes: bad light, any position, several codes; and files that are no photos at all."""

import asyncio
import contextlib
import random
import struct
import zlib

import pytest
from PIL import Image, ImageChops, ImageFilter

from handlers.scan import MAX_BYTES, Unreadable, UnreadableImage, read_codes

from .codes import Format, beside, encoded, picture_of

QR = "kop1.AbCdEf0123456789.1763760000.Zm9vYmFyYmF6"
EAN = "4600123456782"
SAMPLES = [
    (QR, Format.QRCode),
    (EAN, Format.EAN13),
    ("46001238", Format.EAN8),
    ("1234567890", Format.Code128),
    ("12345678", Format.Code39),
    ("98765432", Format.DataMatrix),
]


async def refused(data):
    with pytest.raises(UnreadableImage) as caught:
        await read_codes(data)
    return caught.value


@pytest.mark.parametrize(("text", "kind"), SAMPLES)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_every_kind_of_code_in_every_kind_of_picture(text, kind, form):
    assert await read_codes(encoded(picture_of(text, kind), form)) == [text]


@pytest.mark.parametrize(("text", "kind"), [(QR, Format.QRCode), (EAN, Format.EAN13)])
@pytest.mark.parametrize("angle", [0, 17, 45, 90, 133, 180, 270, 300])
async def test_any_position(text, kind, angle):
    turned = picture_of(text, kind).rotate(angle, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
    assert await read_codes(encoded(turned, quality=60)) == [text]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("text", "kind"), [(QR, Format.QRCode), (EAN, Format.EAN13)])
async def test_a_camera_held_any_way(text, kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    back = {3: 180, 6: 90, 8: 270}.get(orientation, 0)
    stored = picture_of(text, kind).rotate(back, expand=True)
    assert await read_codes(encoded(stored, exif=exif)) == [text]


@pytest.mark.parametrize(("text", "kind"), [(QR, Format.QRCode), (EAN, Format.EAN13)])
async def test_a_blurred_and_noisy_photo(text, kind):
    clean = picture_of(text, kind, scale=6).filter(ImageFilter.GaussianBlur(2))
    noisy = ImageChops.add(clean, Image.effect_noise(clean.size, 40), scale=1.0, offset=-128)
    assert await read_codes(encoded(noisy, quality=40)) == [text]


async def test_a_small_code_on_a_large_photo():
    ground = Image.new("L", (4000, 3000), 210)
    ground.paste(picture_of(QR, scale=3, margin=12), (3100, 2300))
    assert await read_codes(encoded(ground)) == [QR]


async def test_light_on_dark_and_transparent():
    code = picture_of(QR)
    assert await read_codes(encoded(ImageChops.invert(code), "PNG")) == [QR]
    transparent = Image.new("RGBA", code.size, (0, 0, 0, 0))
    transparent.paste((0, 0, 0, 255), mask=ImageChops.invert(code))
    assert await read_codes(encoded(transparent, "PNG")) == [QR]


async def test_two_codes_the_larger_first():
    small, large = picture_of("1111", scale=4), picture_of("2222", scale=9)
    assert await read_codes(encoded(beside(small, large))) == ["2222", "1111"]
    assert await read_codes(encoded(beside(large, small))) == ["2222", "1111"]


async def test_a_qr_beside_a_barcode_and_the_same_code_twice():
    both = beside(picture_of(EAN, Format.EAN13, scale=3), picture_of(QR))
    assert await read_codes(encoded(both)) == [QR, EAN]
    assert await read_codes(encoded(beside(picture_of(QR), picture_of(QR)))) == [QR]


async def test_a_upc_comes_as_its_twelve_printed_digits():
    assert await read_codes(encoded(picture_of("036000291452", Format.UPCA))) == ["036000291452"]


async def test_a_slanted_ean_is_never_taken_for_another_number():
    answers = []
    for angle in range(0, 180, 9):
        slanted = picture_of(EAN, Format.EAN13, scale=3).rotate(angle, expand=True, fillcolor=255)
        answers.append(await read_codes(encoded(slanted, quality=70)))
    assert all(answer in ([], [EAN]) for answer in answers)
    assert answers.count([EAN]) > len(answers) * 3 // 4


@pytest.mark.parametrize("colour", [0, 128, 255])
async def test_a_photo_without_a_code_is_an_empty_answer(colour):
    assert await read_codes(encoded(Image.new("RGB", (640, 480), (colour,) * 3))) == []


async def test_noise_is_no_code():
    assert await read_codes(encoded(Image.effect_noise((640, 480), 80))) == []


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00", b"x" * 5000, b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7\n", b"\xff\xd8\xff"],
)
async def test_what_is_not_a_picture(data):
    error = await refused(data)
    assert error.reason is Unreadable.NOT_A_PICTURE
    assert error.code == "image_not_a_picture"


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PPM", "ICO"])
async def test_kinds_nobody_needs_are_not_even_tried(kind):
    assert (await refused(encoded(picture_of(QR), kind))).reason is Unreadable.NOT_A_PICTURE


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
async def test_a_truncated_picture(kind):
    whole = encoded(Image.effect_noise((400, 300), 50), kind)
    assert (await refused(whole[: len(whole) // 2])).reason is Unreadable.DAMAGED


async def test_a_file_that_is_too_heavy_is_not_opened():
    error = await refused(encoded(picture_of(QR)) + b"\x00" * MAX_BYTES)
    assert (error.reason, error.data) == (Unreadable.TOO_HEAVY, {"megabytes": 10})


def png_of_size(width, height):
    """A PNG that claims a size, with almost nothing inside."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\x00" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(6400, 6400), (10_000, 10_000), (60_000, 60_000), (2**31 - 1, 2)])
async def test_a_bomb_is_refused_by_its_header(width, height):
    error = await refused(png_of_size(width, height))
    assert (error.reason, error.data) == (Unreadable.TOO_LARGE, {"megapixels": 40})


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("seed", range(8))
async def test_damaged_files_are_read_or_refused(seed):
    chance = random.Random(seed)
    exif = Image.Exif()
    exif[0x0112] = 6
    noise = Image.effect_noise((80, 60), 50).convert("RGB")
    whole = [encoded(noise, kind, exif=exif) for kind in ("JPEG", "PNG", "WEBP")]
    whole += [encoded(noise.convert(mode), "PNG") for mode in ("P", "LA", "1")]
    for _ in range(60):
        data = bytearray(chance.choice(whole))
        for _ in range(chance.choice([1, 3, 10])):
            data[chance.randrange(min(len(data), chance.choice([100, 10_000])))] = chance.randrange(256)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        with contextlib.suppress(UnreadableImage):
            assert await read_codes(bytes(data)) == []


async def test_many_at_once():
    pictures = [encoded(picture_of(f"text {n}")) for n in range(8)]
    assert await asyncio.gather(*map(read_codes, pictures)) == [[f"text {n}"] for n in range(8)]
