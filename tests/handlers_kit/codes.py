"""Pictures of codes made for the tests."""

from io import BytesIO

import zxingcpp
from PIL import Image

Format = zxingcpp.BarcodeFormat


def picture_of(text, kind=Format.QRCode, scale=5, margin=60):
    """A code in black on a white ground."""
    drawn = memoryview(zxingcpp.create_barcode(text, kind).to_image(scale=scale))
    height, width = drawn.shape
    ground = Image.new("L", (width + 2 * margin, height + 2 * margin), 255)
    ground.paste(Image.frombytes("L", (width, height), bytes(drawn)), (margin, margin))
    return ground


def encoded(picture, kind="JPEG", **options):
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def beside(*pictures):
    """Several pictures side by side."""
    ground = Image.new("L", (sum(p.width for p in pictures), max(p.height for p in pictures)), 255)
    at = 0
    for picture in pictures:
        ground.paste(picture, (at, 0))
        at += picture.width
    return ground
