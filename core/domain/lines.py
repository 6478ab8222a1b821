"""Lines of a basket: put in, changed, taken out. Pure.

A total typed by the cashier is a line without a product, the rest: what is chosen comes out of it, so that the
receipt stays what it was while it lasts.
"""

from dataclasses import replace

from core.domain.basket import Basket, Line
from core.domain.errors import LastLine, TooManyLines

MAX_LINES = 50


def line_of_product(basket: Basket, product_id: int | None) -> Line | None:
    """The line of a product, or the rest."""
    return next((line for line in basket.lines if line.product_id == product_id), None)


def put_line(basket: Basket, line: Line) -> Basket:
    """The basket with a product's line as given, new or in place of the one it had; the rest goes last.

    Raises TooManyLines with the bound ``most``.
    """
    before = line_of_product(basket, line.product_id)
    rest = line_of_product(basket, None)
    lines = [line if each.product_id == line.product_id else each for each in basket.lines if each is not rest]
    if before is None:
        lines.append(line)
    if len(lines) > MAX_LINES:
        raise TooManyLines(most=MAX_LINES)
    more = line.amount - (before.amount if before else 0)
    return replace(basket, lines=(*lines, *_rest(rest, more)))


def drop_line(basket: Basket, product_id: int | None) -> Basket:
    """The basket without a product's line, whose worth the rest takes up again; or, for None, without the rest.

    Raises LastLine when nothing would be left. A line that is not there is no mistake.
    """
    gone, rest = line_of_product(basket, product_id), line_of_product(basket, None)
    if gone is None:
        return basket
    lines = [each for each in basket.lines if each not in (gone, rest)]
    kept = () if product_id is None else _rest(rest, -gone.amount)
    if not lines and not kept:
        raise LastLine
    return replace(basket, lines=(*lines, *kept))


def _rest(rest: Line | None, less: int) -> tuple[Line, ...]:
    """The rest, lessened by what was put in; none when it is used up."""
    if rest is None or rest.amount <= less:
        return ()
    return (replace(rest, amount=rest.amount - less),)
