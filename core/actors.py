"""Who acts. Every verb names the actor it takes; roles and branches are checked here."""

from dataclasses import dataclass

from core.domain.errors import NotAllowed
from core.domain.people import Role


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
    """A staff member in the staff bot, acting for a branch."""

    id: int
    telegram_id: int
    language: str
    name: str
    role: Role
    branch_id: int
    branch_name: str
    time_zone: str

    def require(self, role: Role) -> None:
        """Raise NotAllowed unless the role reaches as far as ``role``."""
        if self.role.rank < role.rank:
            raise NotAllowed(role=role.value)

    def may_touch(self, branch_id: int) -> bool:
        """The own branch; the owner any."""
        return self.role is Role.OWNER or branch_id == self.branch_id
