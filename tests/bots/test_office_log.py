"""Every change that somebody makes in the office leaves a row in the log."""

import pytest
import pytest_asyncio

from tests.bots.authorisation_actors import Who
from tests.bots.authorisation_table import STAFF
from tests.bots.estate import Estate, changed, line_of, prepare
from tests.bots.test_authorisation import cell

OFFICE = ("staff.office.", "staff.team.", "staff.categories.", "staff.by_hand.")
TRIES = ("saving.what_if", "importing.received")
"""What is only tried: nothing of the merchant's changes by it."""
DRAFTS = ("staff.office.campaigns.",)
"""A campaign is a draft until it is launched, and launching it is in the log."""


@pytest_asyncio.fixture
async def estate(core, clock, database_url) -> Estate:
    return await prepare(core, clock, database_url)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_every_change_in_the_office_is_in_the_log(estate):
    rows = [row for row in STAFF if row.handler.startswith(OFFICE) and row.changes and Who.OWNER in row.may]
    rows = [row for row in rows if not row.handler.endswith(TRIES) and not row.handler.startswith(DRAFTS)]
    assert len(rows) > 20
    before, silent = estate.read(), []
    for row in rows:
        line = line_of("staff", estate.core, estate.pictures)
        await cell(line, row, Who.OWNER, estate)
        done = changed(before, estate.read())
        if done - {"message"} and "audit_row" not in done:
            silent.append(f"{row.handler} by “{row.send}” changes {done}")
        estate.restore()
    assert not silent, "\n".join(silent)
