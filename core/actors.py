"""Who acts. Every verb names the actor it takes; roles and branches are checked here."""

from dataclasses import dataclass

from core.domain.errors import NotAllowed, OwnAccount
from core.domain.people import Right, Role


@dataclass(frozen=True, slots=True)
class Visitor:
    """A Telegram account that belongs to no customer (yet)."""

    telegram_id: int
    language: str


@dataclass(frozen=True, slots=True)
class CustomerActor:
    """A customer in the customer bot."""

    id: int
    telegram_id: int
    language: str
    name: str | None


@dataclass(frozen=True, slots=True)
class StaffActor:
    """A staff member in the staff bot, acting for a branch.

    ``own_customers`` are the customers that they are themselves: by the same Telegram account, or by their phone.
    """

    id: int
    telegram_id: int
    language: str
    name: str
    role: Role
    branch_id: int
    branch_name: str
    time_zone: str
    own_customers: frozenset[int] = frozenset()

    def require(self, needed: Right | Role) -> None:
        """Raise NotAllowed unless the role has this right, or reaches as far as this role."""
        has = self.role.may(needed) if isinstance(needed, Right) else self.role.rank >= needed.rank
        if not has:
            raise NotAllowed(needed=needed.value)

    def refuse_own(self, customer_id: int) -> None:
        """Raise OwnAccount for the customer who is the member themselves: a colleague has to do it."""
        if customer_id in self.own_customers:
            raise OwnAccount

    @property
    def only_branch(self) -> int | None:
        """What lists are narrowed to: the own branch; None for the owner, who sees all."""
        return None if self.role is Role.OWNER else self.branch_id

    def may_touch(self, branch_id: int) -> bool:
        """The own branch; the owner any."""
        return self.role is Role.OWNER or branch_id == self.branch_id
