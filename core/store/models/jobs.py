"""Long jobs and periodic ticks: the truth about what has to run, whatever the queue knows."""

from typing import Any

from tortoise import fields

from core.store.models.base import Row, link, optional_link


class Job(Row):
    """A long one-off job, done step by step: an import, an export, a recomputation.

    ``state``: queued, running, done, failed, cancelled. ``cursor`` is where the next step goes on; ``done``
    of ``total`` (if known) are units of the kind's own. ``tries`` counts takings since the last step that
    was committed. ``error`` is the error's class, never its text. ``bot``, ``chat_id`` and ``message_id``
    name the message that shows the progress, ``told_at`` when it last did.
    """

    kind = fields.CharField(48)
    input: fields.JSONField[dict[str, Any]] = fields.JSONField()
    author = optional_link("StaffMember")
    author_id: int | None
    state = fields.CharField(12)
    done = fields.BigIntField(default=0)
    total = fields.BigIntField(null=True)
    cursor: fields.JSONField[Any] = fields.JSONField(null=True)
    lease_owner = fields.CharField(64, null=True)
    lease_until = fields.DatetimeField(null=True)
    not_before = fields.DatetimeField()
    tries = fields.IntField(default=0)
    result: fields.JSONField[dict[str, Any] | None] = fields.JSONField(null=True)
    error = fields.CharField(96, null=True)
    bot = fields.CharField(8, null=True)
    chat_id = fields.BigIntField(null=True)
    message_id = fields.BigIntField(null=True)
    told_at = fields.DatetimeField(null=True)
    request_key = fields.CharField(96, unique=True)
    input_hash = fields.CharField(64)
    created_at = fields.DatetimeField()
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "job"


class Tick(Row):
    """One due moment of a periodic task, taken by one worker and done once."""

    name = fields.CharField(48)
    due_at = fields.DatetimeField()
    lease_owner = fields.CharField(64, null=True)
    lease_until = fields.DatetimeField(null=True)
    tries = fields.IntField(default=0)
    error = fields.CharField(96, null=True)
    created_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "tick"
        unique_together = (("name", "due_at"),)


class ExportPart(Row):
    """A part of an export's file: rows of one table as compressed CSV, in base64; thrown away after a day."""

    job = link("Job")
    job_id: int
    number = fields.IntField()
    name = fields.CharField(32)
    data = fields.TextField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "export_part"
        unique_together = (("job_id", "number"),)
