"""Files that were sent to be loaded, and their rows until they are."""

from typing import Any

from tortoise import fields

from core.store.models.base import Row, link


class ImportFile(Row):
    """A file as it was read. ``state``: reading, ready, loading, loaded.

    ``columns`` are the recognised ones by name, ``ignored`` the headers that were not; ``added``, ``changed``,
    ``same`` and ``wrong`` count its rows, by the dry run first and by what really happened in the end.
    """

    kind = fields.CharField(24)
    name = fields.CharField(128)
    format = fields.CharField(8)
    staff_member = link("StaffMember")
    staff_member_id: int
    branch = link("Branch")
    branch_id: int
    state = fields.CharField(12)
    columns: fields.JSONField[list[str]] = fields.JSONField()
    ignored: fields.JSONField[list[str]] = fields.JSONField()
    added = fields.IntField(default=0, db_default=0)
    changed = fields.IntField(default=0, db_default=0)
    same = fields.IntField(default=0, db_default=0)
    wrong = fields.IntField(default=0, db_default=0)
    request_key = fields.CharField(96, unique=True)
    created_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "import_file"


class ImportRow(Row):
    """A row that waits to be loaded, or was refused. ``checked`` holds its values by column, ``problems`` what is
    wrong: a list of (column, what was found, code). Rows that would change nothing are not kept."""

    file = link("ImportFile")
    file_id: int
    number = fields.IntField()
    checked: fields.JSONField[dict[str, Any] | None] = fields.JSONField(null=True)
    problems: fields.JSONField[list[Any] | None] = fields.JSONField(null=True)

    class Meta:
        table = "import_row"
        unique_together = (("file_id", "number"),)
