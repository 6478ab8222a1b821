"""Cards apart from customers: the pool that is loaded in bulk, what became of each card, blocking."""

from dataclasses import dataclass, replace
from datetime import datetime

from core.actors import StaffActor
from core.deps import Deps
from core.domain.cards import HIGH, LOW, card_range
from core.domain.errors import CardNotFree, CardUnknown
from core.domain.people import Right
from core.job_kinds import JobKind, Step, Told, Work
from core.jobs import Jobs
from core.store import audit, card_pool
from core.store.card_pool import CardRow
from core.store.jobs import JobRow
from core.store.transactions import run_in_transaction

LOADING = "cards"
PAGE = 10
BATCH = 1000
FOUND = 10
STATUSES = ("issued", "bound", "blocked")


@dataclass(frozen=True, slots=True)
class PoolCounts:
    """How many cards wait in the pool, are in somebody's hands, and were blocked."""

    issued: int
    bound: int
    blocked: int


@dataclass(frozen=True, slots=True)
class CardPage:
    """Cards of one status by number; ``newer`` and ``older`` say whether there are some before and after them."""

    status: str
    cards: tuple[CardRow, ...]
    newer: bool
    older: bool


@dataclass(frozen=True, slots=True)
class CardPool:
    """The merchant's cards."""

    deps: Deps
    jobs: Jobs

    def __post_init__(self) -> None:
        self.jobs.register(JobKind(LOADING, self._step, tell=_told))

    async def counts(self, actor: StaffActor) -> PoolCounts:
        """Raises NotAllowed."""
        actor.require(Right.MANAGE)
        found = await card_pool.counts()
        return PoolCounts(*(found.get(status, 0) for status in STATUSES))

    async def page(
        self, actor: StaffActor, status: str, after: int | None = None, *, backwards: bool = False
    ) -> CardPage:
        """Cards after the one with this id, or before it. Raises NotAllowed."""
        actor.require(Right.MANAGE)
        found = await card_pool.page(status, after, PAGE + 1, backwards=backwards)
        more = len(found) > PAGE
        shown = found[-PAGE:] if backwards else found[:PAGE]
        newer, older = (more, True) if backwards else (after is not None, more)
        return CardPage(status, tuple(shown), newer, older)

    async def search(self, actor: StaffActor, digits: str) -> tuple[CardRow, ...]:
        """Cards whose number begins so, at most ten. Raises NotAllowed."""
        actor.require(Right.MANAGE)
        return tuple(await card_pool.beginning(digits, FOUND))

    async def look(self, actor: StaffActor, card_id: int) -> CardRow:
        """One card, with its holder's others that work. Raises CardUnknown, NotAllowed."""
        actor.require(Right.MANAGE)
        found = await card_pool.get(card_id)
        if found is None:
            raise CardUnknown(number="")
        theirs = [] if found.customer_id is None else await card_pool.of_customer(found.customer_id)
        beside = (each.number for each in theirs if each.status == "bound" and each.id != card_id)
        return replace(found, beside=tuple(beside))

    async def block(self, actor: StaffActor, card_id: int) -> CardRow:
        """The card is of no use any more; its customer and their points stay. Raises CardUnknown, NotAllowed."""
        return await self._turn(actor, card_id, "card.blocked", "blocked")

    async def unblock(self, actor: StaffActor, card_id: int) -> CardRow:
        """A card that was found again: its last holder's, or the pool's. Raises CardUnknown, CardNotFree when its
        holder is no customer any more, NotAllowed."""
        return await self._turn(actor, card_id, "card.unblocked", "free")

    async def _turn(self, actor: StaffActor, card_id: int, action: str, to: str) -> CardRow:
        actor.require(Right.MANAGE)

        async def work() -> None:
            now = self.deps.clock.now()
            card = await card_pool.get(card_id, locked=True)
            if card is None:
                raise CardUnknown(number="")
            status = to if to == "blocked" else "issued" if card.customer_id is None else "bound"
            if (card.status == "blocked") == (to == "blocked"):
                return
            if status == "issued" and card.bound_at is not None:
                raise CardNotFree(status=card.status, number=card.number)
            await card_pool.put(card_id, status, now if to == "blocked" else None)
            await audit.note(
                action,
                "card",
                card_id,
                actor_kind="staff",
                actor_id=actor.id,
                now=now,
                before={"status": card.status},
                after={"number": card.number, "status": status},
            )

        await run_in_transaction(work)
        return await self.look(actor, card_id)

    async def load_range(
        self, actor: StaffActor, typed: str, *, key: str, message: tuple[str, int, int] | None = None
    ) -> tuple[int, int]:
        """Begin to put the cards "from-to" into the pool; returns the job and how many they are.

        Numbers that are known stay as they are. Raises CardRangeWrong, NotAllowed.
        """
        actor.require(Right.MANAGE)
        first, last, width = card_range(typed)
        given = {"first": first, "last": last, "width": width, "language": actor.language}

        async def work() -> int:
            job_id = await self.jobs.start(LOADING, given, key=key, author_id=actor.id, message=message)
            after = {name: given[name] for name in ("first", "last", "width")}
            await _note_load(job_id, actor.id, self.deps.clock.now(), after)
            return job_id

        return await run_in_transaction(work), last - first + 1

    async def _step(self, work: Work) -> Step:
        first, last, width = (int(work.input[name]) for name in ("first", "last", "width"))
        cursor = work.cursor or {"next": first, "added": 0}
        until = min(cursor["next"] + BATCH - 1, last)
        numbers = [str(number).zfill(width) for number in range(cursor["next"], until + 1)]
        added = cursor["added"] + len(await card_pool.add(numbers, self.deps.clock.now()))
        done, total = until - first + 1, last - first + 1
        if until == last:
            return Step(None, done, total, result={"added": added, "known": total - added})
        return Step({"next": until + 1, "added": added}, done, total)


async def _note_load(job_id: int, author_id: int, now: datetime, after: dict[str, object]) -> None:
    await audit.note("cards.loaded", "job", job_id, actor_kind="staff", actor_id=author_id, now=now, after=after)


def _told(job: JobRow) -> Told:
    data = {"state": job.state, "done": job.done, "total": job.total or 0, "it": job.result}
    return Told("notice/cards_loaded", job.input["language"], data)


__all__ = ["HIGH", "LOW", "CardPage", "CardPool", "CardRow", "PoolCounts"]
