"""What the till answers, beside ledger_model: which act is possible in which state of a sale, and until when.

A refused act has changed nothing, after QuoteStale only the sale's quote.
"""

from core.domain import errors
from core.domain.programme import Programme
from tests.core.ledger_model import MINUTE, Books, Sale

PRESSED, HELD, QUOTED = 5 * MINUTE, 10 * MINUTE, 30 * MINUTE
STATUSES = ("draft", "waiting", "completed", "dropped", "undone")
ANSWERS = {  # by status: "+" acts, "=" answers as it stands, else the refusal
    "accrue": ("+", "PurchaseClosed", "=", "PurchaseClosed", "PurchaseClosed"),
    "spend": ("+", "=", "=", "PurchaseClosed", "PurchaseClosed"),
    "press": ("HoldGone", "+", "=", "HoldGone", "HoldGone"),
    "code": ("HoldGone", "+", "=", "HoldGone", "HoldGone"),
    "decline": ("HoldGone", "+", "PurchaseClosed", "HoldGone", "HoldGone"),
    "stop": ("=", "+", "=", "=", "="),
    "drop": ("+", "+", "PurchaseClosed", "=", "="),
    "undo": ("PurchaseClosed", "PurchaseClosed", "+", "PurchaseClosed", "="),
}


class Model(Books):
    """The books behind a till."""

    def free(self, sale: Sale) -> int:
        waiting = [s for s in self.sales if s.person is sale.person and s is not sale and s.status == "waiting"]
        return max(0, self.active(sale.person) - sum(s.points for s in waiting if self.now < s.moved + HELD))

    def quote(self, sale: Sale, terms: Programme) -> None:
        sale.limit = min(self.free(sale), sale.total // 2) // 100 * 100
        sale.terms, sale.quoted, sale.points, sale.status = terms, self.now, 0, "draft"

    def act(self, verb: str, sale: Sale, points: int | None = None) -> tuple[str, int, int, int, int]:
        """Status, points to pay with, the most of them, accrual, balance: as the till sees them."""
        answer = ANSWERS[verb][STATUSES.index(sale.status)]
        if answer not in "+=":
            raise getattr(errors, answer)
        if answer == "+":
            self.change(verb, sale, points)
        balance = sale.balance if sale.status == "completed" else self.free(sale)
        return (sale.status, sale.points, sale.limit, sale.accrual, balance)

    def change(self, verb: str, sale: Sale, points: int | None) -> None:
        if verb in ("accrue", "spend"):
            self.price(sale, 0 if verb == "accrue" else points, spend=verb == "spend")
        if verb in ("press", "code"):
            if self.now >= sale.moved + (PRESSED if verb == "press" else HELD):
                raise errors.HoldGone
            if sale.points > self.active(sale.person):
                self.quote(sale, sale.terms)
                raise errors.QuoteStale
        if verb == "spend" and sale.terms.confirm_redemption:
            sale.status, sale.moved = "waiting", self.now
        elif verb in ("accrue", "spend", "press", "code"):
            self.complete(sale)
        elif verb == "undo":
            self.undo(sale)
        elif verb == "drop":
            sale.status = "dropped"
        else:
            self.quote(sale, sale.terms)

    def price(self, sale: Sale, wanted: int | None, *, spend: bool) -> None:
        terms, quoted, limit, accrual = sale.terms, sale.quoted, sale.limit, sale.accrual
        if self.now - quoted >= QUOTED:
            self.quote(sale, self.terms)
            if (sale.limit, sale.accrual) != (limit, accrual):
                raise errors.QuoteStale
        if spend:
            wanted = limit if wanted is None else wanted
            self.quote(sale, sale.terms)
            if wanted > sale.limit != limit:
                raise errors.QuoteStale
            if not 0 < wanted <= sale.limit or wanted % 100:
                sale.terms, sale.quoted, sale.limit = terms, quoted, limit
                raise errors.PointsNotEnough
            sale.points = wanted
