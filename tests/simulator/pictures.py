"""Small pictures of known sizes."""

from io import BytesIO

from PIL import Image


def picture(width: int = 300, height: int = 200, kind: str = "PNG", colour: int = 0) -> bytes:
    made = BytesIO()
    Image.new("L", (width, height), colour).save(made, kind)
    return made.getvalue()
