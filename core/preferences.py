"""What a customer chooses: language, which messages on which channel, name and birthday."""

from dataclasses import dataclass
from datetime import date

from core.actors import CustomerActor, StaffActor, Visitor
from core.deps import Deps
from core.domain.errors import CustomerUnknown, InvalidSetting
from core.domain.people import Right, name_key
from core.store import audit, consents, customers, identities, programmes
from core.store.transactions import run_in_transaction

TOPICS = ("receipts", "reminders", "offers")
CHANNELS = ("telegram", "sms")
UNUSED = (("receipts", "sms"),)
"""What nothing is sent by: it is not offered as a choice."""
LANGUAGES = ("ru", "en")


@dataclass(frozen=True, slots=True)
class Preferences:
    """A customer's own settings."""

    deps: Deps

    async def topics(self, actor: CustomerActor) -> dict[tuple[str, str], bool]:
        """For each topic and channel whether messages are wanted; what was never asked is off."""
        said = await consents.said(actor.id)
        pairs = [(topic, channel) for topic in TOPICS for channel in CHANNELS if (topic, channel) not in UNUSED]
        return {pair: said.get(pair, False) for pair in pairs}

    async def set_topic(self, actor: CustomerActor, topic: str, channel: str, wanted: bool) -> None:
        """Give or withdraw consent to a topic on a channel. Raises InvalidSetting."""
        if topic not in TOPICS or channel not in CHANNELS or (topic, channel) in UNUSED:
            raise InvalidSetting(name="topic", low=None, high=None)

        async def work() -> None:
            version = (await programmes.in_force()).version_id
            await consents.add(
                actor.id,
                [(topic, channel, wanted)],
                version=str(version),
                source="bot",
                now=self.deps.clock.now(),
            )
            if not wanted:
                await consents.suppress(actor.id, [(topic, channel)])

        await run_in_transaction(work)

    async def set_language(self, actor: CustomerActor | Visitor, language: str) -> None:
        """Also before registration. Raises InvalidSetting for a language that has no templates."""
        if language not in LANGUAGES:
            raise InvalidSetting(name="language", low=None, high=None)

        async def work() -> None:
            await identities.set_account_language(actor.telegram_id, language, self.deps.clock.now())
            if isinstance(actor, CustomerActor):
                await customers.update(actor.id, language=language)

        await run_in_transaction(work)

    async def set_name(self, actor: CustomerActor, name: str) -> None:
        """The customer's own name, already cleaned."""
        await run_in_transaction(lambda: customers.update(actor.id, name=name, name_key=name_key(name)))

    async def set_birthday(self, actor: CustomerActor, birthday: date) -> None:
        await run_in_transaction(lambda: customers.update(actor.id, birthday=birthday))

    async def edit_at_till(
        self, actor: StaffActor, customer_id: int, *, name: str | None = None, birthday: date | None = None
    ) -> None:
        """The questionnaire filled in by the cashier; what is None stays. Raises CustomerUnknown."""
        actor.require(Right.SERVE)

        async def work() -> None:
            found = (await customers.lock(customer_id)).get(customer_id)
            if found is None:
                raise CustomerUnknown(phone=None)
            changes: dict[str, object] = {}
            if name is not None:
                changes |= {"name": name, "name_key": name_key(name)}
            if birthday is not None:
                changes |= {"birthday": birthday}
            if changes:
                await customers.update(customer_id, **changes)
                await audit.note(
                    "customer.edited",
                    "customer",
                    customer_id,
                    actor_kind="staff",
                    actor_id=actor.id,
                    now=self.deps.clock.now(),
                    after={"fields": sorted(changes)},
                )

        await run_in_transaction(work)
