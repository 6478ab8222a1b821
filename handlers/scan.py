"""Reading QR codes and barcodes from photos. Untrusted bytes: bounded before anything is decoded."""

import asyncio
import enum
import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import zxingcpp
from PIL import Image

from handlers.input_error import InputError

MAX_BYTES = 10_000_000
MAX_PIXELS = 40_000_000
KINDS = ("JPEG", "PNG", "WEBP")

_SMALL_SIDE, _LARGE_SIDE = 1600, 4000
_ANGLES = (15, 30, 45, 60, 75)
_SURE, _BARS = 2, 1
_SHORTEST = 4  # no card number is shorter, and noise often looks like one or two characters
# Bars have one check digit at most: read at a slant they come out as another number, so a text counts only
# when two views agree on it. Not UPC-E: it is found in every slanted EAN-13. Not every Code 39: six of its
# characters would also be an Italian Code 32.
_LINEAR = (
    zxingcpp.BarcodeFormat.EAN13,
    zxingcpp.BarcodeFormat.EAN8,
    zxingcpp.BarcodeFormat.UPCA,
    zxingcpp.BarcodeFormat.Code128,
    zxingcpp.BarcodeFormat.Code39Std,
)
_FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.DataMatrix, *_LINEAR])
# What Pillow raises for damaged files, as seen on mutated ones of every kind.
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error, zlib.error)
# A decoded photo takes up to 160 MB: two at a time bound the memory whatever is sent.
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="scan")


class Unreadable(enum.StrEnum):
    """Why a picture was not even looked at. In brackets: the bounds that come along."""

    TOO_HEAVY = "too_heavy"  # (megabytes)
    TOO_LARGE = "too_large"  # (megapixels)
    NOT_A_PICTURE = "not_a_picture"
    DAMAGED = "damaged"


class UnreadableImage(InputError):
    """The picture can't be opened; ``data`` holds the bound that was broken: ``megabytes`` or ``megapixels``."""

    kind = "image"


async def read_codes(image: bytes) -> list[str]:
    """The texts of all codes found in a JPEG, PNG or WEBP photo: the surest first, then the largest, each once.

    QR, DataMatrix, EAN-13/8, UPC, Code 128 and Code 39. A UPC comes as the 12 digits printed under it. No
    code found is an empty list. Raises UnreadableImage. Runs in a thread of its own small pool.
    """
    return await asyncio.get_running_loop().run_in_executor(_pool, _read, image)


def _read(data: bytes) -> list[str]:
    """Look at view after view until everything seen is sure; what never became sure is dropped."""
    votes: dict[str, int] = {}
    shares: dict[str, float] = {}
    for view in _views(_open(data)):
        codes = zxingcpp.read_barcodes(view, formats=_FORMATS, text_mode=zxingcpp.TextMode.Plain)
        for text, code in {_text(code): code for code in codes if len(code.text) >= _SHORTEST}.items():
            votes[text] = votes.get(text, 0) + (_BARS if code.format in _LINEAR else _SURE)
            shares[text] = max(shares.get(text, 0.0), _area(code) / (view.width * view.height))
        if votes and min(votes.values()) >= _SURE:
            break
    sure = [text for text, count in votes.items() if count >= _SURE]
    return sorted(sure, key=lambda text: (-votes[text], -shares[text]))


def _open(data: bytes) -> Image.Image:
    """The picture in grey, decoded only after its size is known.

    It stays as the camera held it: codes are found in any position, and a damaged EXIF block does not matter.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableImage(Unreadable.TOO_HEAVY, megabytes=MAX_BYTES // 1_000_000)
    try:
        picture = Image.open(BytesIO(data), formats=KINDS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except _DAMAGE as error:
        raise UnreadableImage(Unreadable.NOT_A_PICTURE) from error
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_large()
    try:
        if picture.has_transparency_data:
            layer = picture.convert("RGBA")
            flat = Image.new("RGB", layer.size, "white")
            flat.paste(layer, mask=layer.getchannel("A"))
            return flat.convert("L")
        return picture.convert("L")
    except _DAMAGE as error:
        raise UnreadableImage(Unreadable.DAMAGED) from error


def _views(picture: Image.Image) -> Iterator[Image.Image]:
    """The same picture in the ways worth trying, the likeliest first; the reader itself turns by 90 degrees."""
    small, large = picture.copy(), picture.copy()
    small.thumbnail((_SMALL_SIDE, _SMALL_SIDE))
    large.thumbnail((_LARGE_SIDE, _LARGE_SIDE))
    sizes = [small] if small.size == picture.size else [small, large]
    yield from sizes
    for size in sizes:
        yield _turned(size, _ANGLES[0])
    for angle in _ANGLES[1:]:
        yield _turned(small, angle)


def _turned(picture: Image.Image, angle: int) -> Image.Image:
    return picture.rotate(angle, expand=True, fillcolor=255, resample=Image.Resampling.BILINEAR)


def _text(code: zxingcpp.Barcode) -> str:
    """A UPC is an EAN-13 with a leading zero, which is neither printed under it nor typed."""
    retail = code.format in (zxingcpp.BarcodeFormat.EAN13, zxingcpp.BarcodeFormat.UPCA)
    return code.text[1:] if retail and code.text.startswith("0") else code.text


def _area(code: zxingcpp.Barcode) -> int:
    at = code.position
    corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    width = max(corner.x for corner in corners) - min(corner.x for corner in corners)
    height = max(corner.y for corner in corners) - min(corner.y for corner in corners)
    return width * height


def _too_large() -> UnreadableImage:
    return UnreadableImage(Unreadable.TOO_LARGE, megapixels=MAX_PIXELS // 1_000_000)
