"""What a customer's standing changes of the programme for one purchase: levels, rules, classes.

Everything is computed anew from the customer's turnover; what is stored in their row is for lists only.
"""

from datetime import datetime

from core.domain.basket import Terms
from core.domain.ladder import Level, Turnover, level_of
from core.domain.programme import Programme
from core.domain.rules import Metrics
from core.domain.standing import terms_of, with_eligibility
from core.store.customers import CustomerRow

__all__ = ["level_now", "metrics_of", "standing_terms", "turnover_of", "with_eligibility"]


def turnover_of(customer: CustomerRow) -> Turnover:
    """What the customer has bought so far."""
    return Turnover(customer.sold, customer.paid, customer.visits)


def metrics_of(customer: CustomerRow, now: datetime, status: str | None = None) -> Metrics:
    """What rules look at; ``status`` of the visit that is being saved."""
    return Metrics(turnover_of(customer), customer.last_visit_at, now, status)


def level_now(programme: Programme, customer: CustomerRow) -> Level | None:
    """The customer's level: it follows turnover, never the balance."""
    return level_of(programme.levels, programme.level_metric, turnover_of(customer))


def standing_terms(programme: Programme, customer: CustomerRow, now: datetime) -> Terms:
    """The terms that follow from who the customer is, without promotions and coupons."""
    return terms_of(programme, metrics_of(customer, now))
