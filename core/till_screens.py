"""The till's live messages, as they are rewritten when something changes them behind the till's back."""

from typing import Any, Protocol

from core.store import outbox

PRIORITY_SCREEN = 10


class LiveMessage(Protocol):
    """What stands on the till: where its message is, and whose till it is."""

    @property
    def chat_id(self) -> int | None: ...

    @property
    def message_id(self) -> int | None: ...

    @property
    def staff_member_id(self) -> int: ...


def at_till(row: LiveMessage, *, template: str, dedupe_key: str, data: dict[str, Any]) -> list[outbox.Draft]:
    """Rewrite a live message by a template that says what is true when it is sent; none where none stands."""
    if row.chat_id is None or row.message_id is None:
        return []
    return [
        outbox.Draft(
            topic="till",
            channel="telegram",
            bot="staff",
            chat_id=row.chat_id,
            edits_message_id=row.message_id,
            staff_member_id=row.staff_member_id,
            template=template,
            language="",
            dedupe_key=dedupe_key,
            priority=PRIORITY_SCREEN,
            data=data,
        )
    ]
