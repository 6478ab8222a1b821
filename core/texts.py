"""The merchant's own texts: saved by the owner, taken over by every process; what they may say of a customer."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.actors import StaffActor
from core.alerts import settle_alert
from core.deps import Deps
from core.domain.errors import InvalidSetting
from core.domain.people import Right, masked_name
from core.domain.points import worth
from core.store import audit, programmes, texts
from core.store.transactions import run_in_transaction

CHANNELS = ("telegram", "sms")
Key = tuple[str, str, str]
"""Template, language, channel."""
LONGEST = 4000
OF_ANY_PURCHASE = ("subtotal", "branch_name", "time_zone", "completed_at")
"""What means the same in every message about a purchase."""


@dataclass(frozen=True, slots=True)
class Example:
    """Whose data a preview shows: the owner's own card, else that of the customer who bought last, with the name
    masked; before the first purchase the newest customer's.

    With their last purchase, if there is one; ``receipt`` is what only its receipt says. Money in minor units,
    points in hundredths.
    """

    data: dict[str, Any]
    own: bool
    receipt: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts by (template, language, channel). What they may hold is the renderer's to check before."""

    deps: Deps

    async def newer_than(self, version: int) -> tuple[int, dict[Key, str]] | None:
        """All texts in force and their version, if anything was saved since; else None, for one cheap look."""
        return await texts.in_force() if await texts.newest() != version else None

    async def body(self, actor: StaffActor, key: Key) -> str | None:
        """The text in force; None where the file's stands."""
        actor.require(Right.OWN)
        return await texts.body_of(*key)

    async def changed(self, actor: StaffActor) -> frozenset[Key]:
        """Which messages have a text of their own."""
        actor.require(Right.OWN)
        return frozenset((await texts.in_force())[1])

    async def save(self, actor: StaffActor, key: Key, body: str | None) -> None:
        """Put a text in force, or with None the file's again; noted in the log. Raises InvalidSetting."""
        actor.require(Right.OWN)
        _, language, channel = key
        if channel not in CHANNELS or len(language) != 2 or not (body is None or 0 < len(body) <= LONGEST):
            raise InvalidSetting(name="text", low=1, high=LONGEST)

        async def work() -> None:
            await texts.queue_up()
            before = await texts.body_of(*key)
            if before == body:
                return
            now = self.deps.clock.now()
            await settle_alert(f"text_failed:{key[0]}.{language}", now, quietly=True)
            number = await texts.add(key, body, actor.id, now)
            await audit.note(
                "text.changed" if body is not None else "text.reset",
                "message_text",
                number,
                actor_kind="staff",
                actor_id=actor.id,
                now=now,
                before={"text": before},
                after={"text": body, "template": key[0], "language": language},
            )

        await run_in_transaction(work)

    async def of_customer(self, customer_id: int) -> dict[str, Any]:
        """What any message may say of its reader. Points in hundredths; what is not known is None."""
        programme = (await programmes.in_force()).programme
        row = await texts.about(customer_id, self.deps.clock.now()) or {}
        name = row.get("name")
        points = max(0, int(row.get("points") or 0))
        return {
            "name": name,
            "first_name": name.split()[0] if name else None,
            "merchant": programme.name,
            "card": row.get("card"),
            "level": row.get("level"),
            "balance": points,
            "worth": worth(points, programme.point_worth),
        }

    async def example(self, actor: StaffActor) -> Example:
        """A real customer and their last purchase, for a preview."""
        actor.require(Right.OWN)
        customer_id = min(actor.own_customers, default=None)
        own = customer_id is not None
        if customer_id is None:
            customer_id = await texts.last_customer()
        if customer_id is None:
            return Example({}, own=False)
        data = await self.of_customer(customer_id)
        if not own:
            data["name"] = masked_name(data["name"]) or None
            data["first_name"] = masked_name(data["first_name"]) or None
            data["card"] = None
        bought = await texts.last_purchase(customer_id)
        data |= {name: bought[name] for name in OF_ANY_PURCHASE if name in bought}
        known = {name: value for name, value in data.items() if value is not None}
        return Example(known, own, _receipt(bought) if bought else {})


def _receipt(bought: dict[str, Any]) -> dict[str, Any]:
    """What the receipt of a purchase says; of a receipt that is not kept any more only the figures."""
    told = bought["told"]
    extras = {name: told.get(name) or 0 for name in ("held", "gift", "repaid", "debt")}
    names = {name: told.get(name) or None for name in ("discount_by", "points_by")}
    usable = told.get("activates_at")
    figures = {name: bought[name] for name in ("discount", "points", "payable", "accrual")}
    return extras | names | figures | {"activates_at": datetime.fromisoformat(usable) if usable else None}
