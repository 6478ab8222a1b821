"""What the load's people asked for and were told: the judge compares the database with it."""

from dataclasses import dataclass, field


@dataclass
class Sale:
    """A sale as the cashier saw it. ``amount`` in kopecks is its name: every line that is typed has another one.

    ``pressed``: completing it was asked for; ``acknowledged``: the till said that it is done, and with
    how many points spent; ``undo_pressed`` and ``undone`` alike.
    """

    amount: int
    customer: int
    pressed: bool = False
    acknowledged: bool = False
    redeemed: bool = False
    undo_pressed: bool = False
    undone: bool = False


@dataclass
class Facts:
    """Sales by their amount, phones of people by how far their registration got, and what was given up."""

    sales: dict[int, Sale] = field(default_factory=dict)
    begun: dict[str, int] = field(default_factory=dict)
    registered: dict[str, int] = field(default_factory=dict)
    given_up: dict[str, int] = field(default_factory=dict)
    _next: int = 500_00

    def new_sale(self, customer: int) -> Sale:
        """A sale of an amount that was never typed before, at most 999,99 at first."""
        sale = Sale(self._next, customer)
        self._next += 7  # not a multiple of ten, so that kopecks vary
        self.sales[sale.amount] = sale
        return sale

    def give_up(self, what: str) -> None:
        """Somebody lost patience, as people do; what they had asked for may still have happened."""
        self.given_up[what] = self.given_up.get(what, 0) + 1

    def acknowledged(self) -> set[int]:
        """Amounts of the sales that the tills said were done."""
        return {sale.amount for sale in self.sales.values() if sale.acknowledged}

    def undone(self) -> set[int]:
        """Amounts of the sales that the tills said were taken back."""
        return {sale.amount for sale in self.sales.values() if sale.undone}

    def redeemed(self) -> set[int]:
        """Amounts of the sales that the tills said were paid by points."""
        return {sale.amount for sale in self.sales.values() if sale.redeemed}


def money(amount: int) -> str:
    """Kopecks as the till and people write them, with a no-break space between thousands."""
    whole = f"{amount // 100:,}".replace(",", "\u00a0")
    return f"{whole},{amount % 100:02d}"
