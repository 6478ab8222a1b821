"""What products look like as people type them, and what a line of a sale costs. Pure."""

import re
from dataclasses import dataclass

from core.domain.amounts import parse_hundredths
from core.domain.basket import Line
from core.domain.errors import InvalidAmount
from core.domain.money import MAX_MONEY

PIECE = 1000
"""One piece, or one kilogram, in thousandths."""
MAX_QUANTITY = 100_000 * PIECE
LONGEST_NAME, LONGEST_CATEGORY, LONGEST_ARTICLE = 128, 64, 64

_BARCODE = re.compile(r"[0-9A-Za-z-]{4,32}")
_QUANTITY = re.compile(r"(?P<whole>[0-9]{1,6})(?:[.,](?P<part>[0-9]{1,3}))?")
_OF_QUANTITY = re.compile(r"\s*(?:шт|кг|г|pcs|pc|kg|x|х|×)?\.?$", re.IGNORECASE)
_YES = {"да", "yes", "true", "1", "+", "истина", "y", "д"}
_NO = {"нет", "no", "false", "0", "-", "ложь", "n", "н"}


@dataclass(frozen=True, slots=True)
class Product:
    """Something sold. ``price`` in minor units, None when it is typed at the till."""

    id: int
    article: str | None
    barcode: str | None
    name: str
    category_id: int | None
    category: str | None
    price: int | None
    is_sold: bool


@dataclass(frozen=True, slots=True)
class Category:
    """A group of ``products``."""

    id: int
    name: str
    products: int


def name_key(name: str) -> str:
    """What two names have in common that people take for the same, and what is searched in."""
    return " ".join(name.casefold().replace("ё", "е").split())


def words(text: str, longest: int) -> str:
    """Words in one line. Raises ValueError for none, too many or control characters.

    A letter that is folded into two or three counts as so many: what names are compared by has to fit too.
    """
    found = " ".join(text.split())
    if not 1 <= len(name_key(found)) <= longest or not found.isprintable():
        raise ValueError("no such words")
    return found


def barcode(text: str) -> str:
    """What a scanner reads, without spaces. Raises ValueError; a number that a spreadsheet has rounded is none."""
    found = text.replace(" ", "")
    if not _BARCODE.fullmatch(found):
        raise ValueError("no barcode")
    return found


def price(text: str) -> int | None:
    """A price in minor units; nothing costs 0, which stands for a price that is typed at the till."""
    return parse_hundredths(text, low=0, high=MAX_MONEY) or None


def yes_or_no(text: str) -> bool:
    """Raises ValueError for any other word."""
    word = text.casefold()
    if word not in _YES | _NO:
        raise ValueError("neither yes nor no")
    return word in _YES


def quantity(text: str) -> int:
    """``2``, ``0,350`` or ``1.5 кг`` in thousandths, up to MAX_QUANTITY. Raises InvalidAmount."""
    match = _QUANTITY.fullmatch(_OF_QUANTITY.sub("", text.strip().casefold()))
    value = int(match["whole"]) * PIECE + int((match["part"] or "0").ljust(3, "0")) if match else 0
    if not 1 <= value <= MAX_QUANTITY:
        raise InvalidAmount(reason="quantity", low=1, high=MAX_QUANTITY)
    return value


def cost(unit_price: int, thousandths: int) -> int:
    """What so much costs in minor units, half a kopeck rounded up."""
    return (unit_price * thousandths + PIECE // 2) // PIECE


def line_of(product: Product, unit_price: int, thousandths: int) -> Line:
    """A line of the basket. Raises InvalidAmount when it costs more than a till takes, or nothing."""
    amount = cost(unit_price, thousandths)
    if not 1 <= amount <= MAX_MONEY:
        raise InvalidAmount(reason="bounds", low=1, high=MAX_MONEY)
    return Line(
        amount,
        title=product.name,
        product_id=product.id,
        category_id=product.category_id,
        quantity=thousandths,
        price=unit_price,
    )
