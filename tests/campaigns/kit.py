"""What tests of campaigns share: many customers at once, and a campaign that has begun."""

from datetime import datetime

from core.actors import StaffActor
from core.campaign_views import CampaignView
from core.services import Services
from core.store.sql import fetch, is_postgres

TEXT = "Скидка до воскресенья"


async def settle(first: int, last: int, now: datetime) -> None:
    """Customers with the ids and chats ``first`` to ``last``: active, in the bot, agreeing to offers."""
    numbers = (
        f"generate_series({first}, {last}) AS s(i)"
        if is_postgres()
        else f"(WITH RECURSIVE s(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM s WHERE i < {last})"
        " SELECT i FROM s)"
    )
    for statement in (
        "INSERT INTO customer (id, phone, name, name_key, language, status, promo_code, debt, purchases, sold, "
        "paid, created_at) SELECT i, '7' || (9000000000 + i), 'Гость ' || i, '', 'ru', 'active', 'P' || i, 0, 0, "
        f"0, 0, $1 FROM {numbers}",
        "INSERT INTO telegram_identity (bot, telegram_id, customer_id, created_at) "
        f"SELECT 'customer', i, i, $1 FROM {numbers}",
        "INSERT INTO consent (customer_id, topic, channel, granted, text_version, source, created_at) "
        f"SELECT i, 'offers', 'telegram', true, '1', 'bot', $1 FROM {numbers}",
    ):
        await fetch(statement, now)


async def drafted(core: Services, actor: StaffActor, *, control_share: int = 0, body: str = TEXT) -> int:
    """A draft with a text, to everybody."""
    made = await core.campaigns.create(actor, key=f"draft:{control_share}:{body}")
    await core.campaigns.edit(actor, made.row.id, body=body, control_share=control_share)
    return made.row.id


async def chosen(core: Services, actor: StaffActor, campaign_id: int) -> CampaignView:
    """A draft that was launched, and whose recipients are chosen."""
    await core.campaigns.launch(actor, campaign_id)
    await work_on_jobs(core)
    return await core.campaigns.look(actor, campaign_id)


async def work_on_jobs(core: Services) -> None:
    """Do all jobs that are due."""
    while (job := await core.jobs.claim("test")) is not None:
        while job is not None:
            job = await core.jobs.step(job, "test")


async def recipients(campaign_id: int) -> dict[int, bool]:
    """Who was chosen, and whether they are kept out."""
    rows = await fetch(
        "SELECT customer_id, is_control FROM campaign_recipient WHERE campaign_id = $1", campaign_id
    )
    return {row["customer_id"]: bool(row["is_control"]) for row in rows}


async def written(campaign_id: int) -> dict[int, str]:
    """The state of each customer's message."""
    rows = await fetch("SELECT customer_id, state FROM message WHERE campaign_id = $1", campaign_id)
    assert len(rows) == len({row["customer_id"] for row in rows})
    return {row["customer_id"]: row["state"] for row in rows}
