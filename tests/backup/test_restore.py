"""A backup restored: the same, proved, and silent, whichever of the two databases it came from or goes to."""

import errno
import io
import os
import stat
import zipfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.backup import BackupRefused, BadArchive, RestoreRefused, archive, back_up_database, restore_database
from bot.database import database, known_migrations, migrate_database
from core.actors import CustomerActor
from core.check import check_ledger
from core.domain.people import Role
from core.store import claims, health, models, outbox, updates
from core.store.models import AuditRow, Customer, Dialogue, Hold, Lease, Message, Purchase, ShownCode
from core.store.restoring import _READ, NUMBERS_LEFT_OUT
from core.store.sql import fetch
from core.store.tables import PASSING, Table, tables
from tests.backup.conftest import services
from tests.conftest import ManualClock, enrol, hire

MakeEmpty = Callable[[str], Awaitable[str]]
WORDS = "Кафе «У Ё»\n\t\"quoted\" \\ back\\nslash 'x' — 🍩\u2028\u0001 end"


class FullDisk(io.FileIO):
    """A file on a disk that has room for so many bytes."""

    def __init__(self, descriptor: int, room: int) -> None:
        super().__init__(descriptor, "w+")
        self._room = room

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > self._room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(data)


async def fill(clock: ManualClock) -> None:
    """A bit of everything: sales of every state, messages of every state, texts that are hard to copy."""
    core = services(clock)
    await core.programmes.start("Основная точка")
    cashier = await hire(core, 9001, Role.CASHIER)
    customers = [await enrol(core, number) for number in range(1, 6)]
    anna = CustomerActor(customers[0], 1, "ru", None)
    await core.preferences.set_name(anna, "Анна Ё-Моё")
    await core.preferences.set_birthday(anna, date(1990, 2, 28))
    for number, customer in enumerate(customers):
        sale = await core.till.open_sale(cashier, customer, 1_000_00 + number, key=f"a{number}")
        await core.till.accrue(cashier, sale.purchase_id)
        clock.forward(seconds=1.000001)
    spent = await core.till.open_sale(cashier, customers[0], 60_00, key="spent")
    await core.redemption.spend(cashier, spent.purchase_id, key="spend")
    await core.redemption.confirm(anna, spent.purchase_id)
    waiting = await core.till.open_sale(cashier, customers[1], 60_00, key="waiting")
    assert (await core.redemption.spend(cashier, waiting.purchase_id, key="wait")).status == "waiting"
    undone = await core.till.open_sale(cashier, customers[2], 60_00, key="undone")
    await core.till.accrue(cashier, undone.purchase_id)
    await core.refunds.undo(cashier, undone.purchase_id)
    await core.till.open_sale(cashier, customers[3], 60_00, key="draft")
    await core.cards.show(anna)
    await fetch("UPDATE customer SET referred_by_id = $1 WHERE id = $2", customers[4], customers[1])
    await updates.save_dialogue(
        "100:1:1", "some:state", {"words": WORDS, "deep": [1, None, {"b": True}]}, clock.now()
    )
    await updates.park(2**40, 2**53 + 1, WORDS, "KeyError", clock.now())
    await updates.take_lease("relay", "somebody", clock.now(), timedelta(days=9))
    now = clock.now()
    for number, state in enumerate(("queued", "sending", "unknown", "sent", "failed")):
        draft = outbox.Draft(
            "code", "sms", "sms/code_register", "ru", f"m{number}", 0, phone="79000000001", secret="s"
        )
        await outbox.enqueue([draft], now)
        await fetch("UPDATE message SET state = $1 WHERE dedupe_key = $2", state, f"m{number}")


async def content() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, as the models read them."""
    found = {}
    for name in models.__all__:
        model = getattr(models, name)
        rows = await model.all().order_by(model._meta.pk_attr).values()
        found[model._meta.db_table] = rows
    return found


async def test_nobody_is_reminded_a_second_time(
    database_url: str, database_kind: str, make_empty: MakeEmpty, tmp_path: Path, clock: ManualClock
) -> None:
    """The original went on after the backup: by noon it had told everybody what came due in the morning."""
    file = tmp_path / "backup.zip"
    clock.at = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
    async with database(database_url):
        core = services(clock)
        await core.programmes.start("Основная точка")
        await core.programmes.change({"birthday_points": 300_00})
        cashier = await hire(core, 9001, Role.CASHIER)
        anna = await enrol(core, 1)
        await core.preferences.set_birthday(CustomerActor(anna, 1, "ru", None), date(1990, 3, 2))
        sale = await core.till.open_sale(cashier, anna, 1_000_00, key="a")
        await core.till.accrue(cashier, sale.purchase_id)
        await fetch(
            "UPDATE lot SET created_at = $1, expires_at = $2", clock.now() - timedelta(days=90), dead(clock)
        )
    await back_up_database(database_url, file, clock)
    restored = await make_empty(database_kind)
    clock.at = datetime(2026, 3, 2, 20, 30, tzinfo=UTC)  # half past eleven in Moscow: the day's reminders are out
    await restore_database(restored, file, clock)
    async with database(restored):
        core = services(clock)
        before = await Message.all().count()
        assert await fetch("SELECT points FROM ledger_entry WHERE kind = 'gift' AND reason = 'birthday'") == [
            {"points": 300_00}
        ]
        clock.forward(hours=12)
        await core.expiries.sweep()
        await core.reminders.sweep(clock.now())
        assert await Message.all().count() == before
        assert not (await check_ledger()).findings


def dead(clock: ManualClock) -> datetime:
    """When points expire that are reminded of today."""
    return clock.now() + timedelta(days=6)


@pytest.mark.parametrize("target", ["sqlite", "postgres"])
async def test_the_copy_is_the_same_and_silent(
    database_url: str, target: str, make_empty: MakeEmpty, tmp_path: Path, clock: ManualClock
) -> None:
    file = tmp_path / "backup.zip"
    async with database(database_url):
        await fill(clock)
        before = await content()
    counts = await back_up_database(database_url, file, clock)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert counts == {name: len(rows) for name, rows in before.items() if name not in PASSING}
    clock.forward(hours=1)
    restored = await make_empty(target)
    await restore_database(restored, file, clock)
    async with database(restored):
        after = await content()
        changed = {"message", "hold", "purchase", "audit_row", "audit_head", "reminder_mark", *PASSING}
        assert {name: rows for name, rows in after.items() if name not in changed} == {
            name: rows for name, rows in before.items() if name not in changed
        }
        assert not (await check_ledger()).findings
        await _is_silent(clock, before)
        await _goes_on(clock)


async def _is_silent(clock: ManualClock, before: dict[str, list[dict[str, Any]]]) -> None:
    """What was sent stays sent; nothing waits, and time alone makes nothing speak."""
    was = {row["id"]: row["state"] for row in before["message"]}
    for row in await Message.all():
        kept = was[row.id] in ("sent", "failed", "suppressed")
        assert row.state == (was[row.id] if kept else "suppressed"), was[row.id]
        assert row.secret is None
        assert kept or row.reason == "restored"
    assert "queued" in was.values()
    assert "sending" in was.values()
    assert await ShownCode.all().count() == await Lease.all().count() == 0
    assert await Hold.filter(settled_at=None).count() == 0
    assert await Purchase.filter(status="waiting").count() == 0
    assert await services(clock).redemption.release_overdue() == 0
    for channel, bot in (("sms", None), ("telegram", "customer"), ("telegram", "staff")):
        later = clock.now() + timedelta(days=3)
        claimed = await claims.claim(channel, bot, worker="w", now=later, lease=timedelta(1), limit=9)
        assert claimed == []
    assert await claims.take_over("w", clock.now() + timedelta(days=3), timedelta(1)) == []
    assert await AuditRow.filter(action="restore").count() == 1


async def _goes_on(clock: ManualClock) -> None:
    """The copy works: rows are numbered behind a gap, the past can't be changed, dialogues are where they were."""
    core = services(clock)
    cashier = await core.staff.identify(9001, "ru")
    assert cashier is not None
    newest = (await Purchase.all().order_by("-id").first()).id
    customer = await Customer.filter(phone="79000000004").get()
    sale = await core.till.open_sale(cashier, customer.id, 100_00, key="after")
    assert sale.purchase_id == newest + NUMBERS_LEFT_OUT + 1
    await core.till.accrue(cashier, sale.purchase_id)
    assert not (await check_ledger()).findings
    with pytest.raises(Exception, match="append-only"):
        await fetch("UPDATE ledger_entry SET points = points + 1")
    assert (await Dialogue.get()).data["words"] == WORDS


class TestRefusals:
    """Nothing is overwritten, nothing damaged is loaded, and what fails leaves nothing behind."""

    @pytest.fixture
    def database_kind(self) -> str:
        return "sqlite"

    async def test_an_existing_file_is_never_replaced(
        self, database_url: str, tmp_path: Path, clock: ManualClock
    ) -> None:
        file = tmp_path / "precious"
        file.write_text("precious")
        with pytest.raises(BackupRefused):
            await back_up_database(database_url, file, clock)
        assert file.read_text() == "precious"

    @pytest.mark.parametrize("room", [0, 3000])
    async def test_a_full_disk_is_given_its_room_back(
        self, room: int, database_url: str, tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with database(database_url):
            await fill(clock)
        monkeypatch.setattr(
            archive.os, "fdopen", lambda descriptor, _: io.BufferedRandom(FullDisk(descriptor, room))
        )
        with pytest.raises(OSError, match="No space left"):
            await back_up_database(database_url, tmp_path / "backup.zip", clock)
        assert not list(tmp_path.glob("backup*"))

    async def test_there_must_be_a_database(self, tmp_path: Path, clock: ManualClock) -> None:
        with pytest.raises(BackupRefused):
            await back_up_database(f"sqlite:///{tmp_path}/none.db", tmp_path / "x", clock)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("target", ["sqlite", "postgres"])
    async def test_a_database_with_anything_in_it_is_left_as_it_is(
        self, database_url: str, target: str, make_empty: MakeEmpty, tmp_path: Path, clock: ManualClock
    ) -> None:
        file = tmp_path / "backup.zip"
        async with database(database_url):
            await fill(clock)
        await back_up_database(database_url, file, clock)
        url = await make_empty(target)
        async with database(url, migrated=True):
            await services(clock).programmes.start("Другая точка")
            before = await content()
        with pytest.raises(RestoreRefused, match="not empty"):
            await restore_database(url, file, clock)
        async with database(url):
            assert await content() == before

    async def test_damaged_files_are_refused_before_anything_is_made(
        self, database_url: str, tmp_path: Path, clock: ManualClock, make_empty: MakeEmpty
    ) -> None:
        file, bad = tmp_path / "backup.zip", tmp_path / "bad.zip"
        async with database(database_url):
            await fill(clock)
        await back_up_database(database_url, file, clock)
        whole = file.read_bytes()
        middle = len(whole) // 3
        damaged = [
            b"", b"no zip at all", whole[:-1], whole[: len(whole) // 2],
            whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :],
            _changed(file, "manifest.json", lambda text: text.replace("kopilka-backup", "other-backup")),
            _changed(file, "manifest.json", lambda text: text.replace('"version": 1', '"version": 2')),
            _changed(file, "manifest.json", lambda text: text.replace('"customer"', '"customer; DROP"')),
            _changed(file, "tables/ledger_entry.jsonl", lambda text: text.replace("[1,", "[1 ,", 1)),
            _changed(file, "tables/ledger_entry.jsonl", lambda text: text.partition("\n")[2]),
        ]  # fmt: skip
        for data in damaged:
            bad.write_bytes(data)
            url = await make_empty("sqlite")
            with pytest.raises(BadArchive):
                await restore_database(url, bad, clock)
            assert not Path(url.removeprefix("sqlite:///")).exists()

    @pytest.mark.parametrize("target", ["sqlite", "postgres"])
    async def test_what_the_schema_refuses_leaves_nothing_behind(
        self, database_url: str, target: str, make_empty: MakeEmpty, tmp_path: Path, clock: ManualClock
    ) -> None:
        """The rows are as they were written, yet break a rule: all or nothing is loaded."""
        async with database(database_url):
            await fill(clock)
            await fetch("DROP TRIGGER lot_remaining_update")
            await fetch("UPDATE lot SET remaining = -5 WHERE id = (SELECT max(id) FROM lot)")
        file = tmp_path / "backup.zip"
        await back_up_database(database_url, file, clock)
        url = await make_empty(target)
        with pytest.raises(Exception, match=r"lot_remaining"):
            await restore_database(url, file, clock)
        async with database(url):
            for table in tables():
                assert await fetch(f'SELECT * FROM "{table.name}"') == []

    async def test_a_backup_of_a_newer_version_is_refused(
        self, database_url: str, tmp_path: Path, clock: ManualClock, make_empty: MakeEmpty
    ) -> None:
        file, newer = tmp_path / "backup.zip", tmp_path / "newer.zip"
        await back_up_database(database_url, file, clock)
        last = known_migrations()[-1]
        newer.write_bytes(
            _changed(file, "manifest.json", lambda text: text.replace(f'"{last}"', f'"{last}", "9999_more"'))
        )
        with pytest.raises(RestoreRefused, match="newer version"):
            await restore_database(await make_empty("sqlite"), newer, clock)


@pytest.mark.parametrize("target", ["sqlite", "postgres"])
async def test_an_older_backup_is_loaded_as_it_was_and_then_brought_up_to_date(
    target: str, make_empty: MakeEmpty, tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = known_migrations()[:1]
    source, file = await make_empty("sqlite"), tmp_path / "backup.zip"
    await migrate_database(source, target=older[-1])
    async with database(source):
        await services(clock).programmes.start("Основная точка")
        then = await _tables_that_are_there()
    with monkeypatch.context() as patch:
        patch.setattr("bot.database.known_migrations", lambda: older)
        patch.setattr("bot.backup.take.tables", lambda: then)
        await back_up_database(source, file, clock)
    url = await make_empty(target)
    assert (await restore_database(url, file, clock)).schema == older
    async with database(url):
        assert len(await fetch("SELECT * FROM branch")) == 1
        assert await health.applied_migrations() == known_migrations()
    ahead = await make_empty(target)
    await migrate_database(ahead)
    with pytest.raises(RestoreRefused, match="another version"):
        await restore_database(ahead, file, clock)


async def _tables_that_are_there() -> list[Table]:
    """What the older program knew: the tables and columns of an older SQLite schema."""
    found = []
    for table in tables():
        there = {row["name"] for row in await fetch(f'PRAGMA table_info("{table.name}")')}
        if there:
            found.append(replace(table, columns=tuple(each for each in table.columns if each[0] in there)))
    return found


def _changed(file: Path, member: str, change: Callable[[str], str]) -> bytes:
    """The archive with one member changed, and the zip's own checksums right."""
    made = file.with_name("changed.zip")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            if name == member:
                assert change(text) != text
                text = change(text)
            new.writestr(name, text)
    return made.read_bytes()


def test_moments_keep_their_microseconds() -> None:
    assert _READ["moment"]("2026-03-02 09:00:01.000001+00:00") == datetime(2026, 3, 2, 9, 0, 1, 1, UTC)
