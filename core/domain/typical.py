"""A receipt that shows what settings do: 1 000 of a new member, on the spot by card. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime

from core.domain.basket import Basket, Line, Payment
from core.domain.ladder import Turnover
from core.domain.points import MAX_POINTS
from core.domain.programme import Programme
from core.domain.quote import quote
from core.domain.rules import Metrics
from core.domain.standing import terms_of, with_eligibility

TOTAL = 1000_00
"""The receipt, in minor units."""

_BASKET = Basket((Line(TOTAL),), "on_spot", (Payment("card"),))
# Nobody is absent who never came, so the moment does not matter.
_NEWCOMER = Metrics(Turnover(), None, datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money in minor units, points in hundredths."""

    discount: int
    points: int
    to_pay: int
    accrual: int


def typical(programme: Programme) -> tuple[Receipt, Receipt]:
    """The receipt without points, and with as many as the programme lets pay."""
    plain = _receipt(programme, 0)
    terms = terms_of(programme, _NEWCOMER)
    most = quote(programme, _basket(programme), available=MAX_POINTS, terms=terms).points_limit
    return plain, _receipt(programme, most)


def _receipt(programme: Programme, points: int) -> Receipt:
    terms = terms_of(programme, _NEWCOMER)
    priced = quote(programme, _basket(programme), available=MAX_POINTS, points=points, terms=terms)
    return Receipt(priced.discount, priced.points, priced.payable, priced.accrual)


def _basket(programme: Programme) -> Basket:
    return with_eligibility(programme, _BASKET)
