"""The message that shows how far a job is: rewritten now and then, and at its end."""

from datetime import datetime, timedelta

from core.job_kinds import JobKind
from core.store import jobs, outbox
from core.store.jobs import JobRow

TELLS_EVERY = timedelta(seconds=2)
PRIORITY_PROGRESS = 15


async def tell_progress(kind: JobKind | None, job: JobRow, now: datetime) -> None:
    """Have the progress message rewritten: at the end, and before that every other second.

    Nothing for a job that shows itself nowhere, or whose kind nobody registered.
    """
    if kind is None or kind.tell is None or job.bot is None or job.chat_id is None:
        return
    at_end = job.finished_at is not None
    if not at_end and job.told_at is not None and now - job.told_at < TELLS_EVERY:
        return
    told = kind.tell(job)
    if told is None:
        return
    if job.told_at is not None:
        await outbox.suppress([_told_key(job.id, job.told_at)], "superseded")
    draft = outbox.Draft(
        topic="job",
        channel="telegram",
        bot=job.bot,
        chat_id=job.chat_id,
        staff_member_id=job.author_id,
        template=told.template,
        language=told.language,
        dedupe_key=_told_key(job.id, now, at_end=at_end),
        priority=PRIORITY_PROGRESS,
        data=told.data,
        edits_message_id=job.message_id,
    )
    await outbox.enqueue([draft], now)
    await jobs.note_told(job.id, now)


def _told_key(job_id: int, at: datetime, *, at_end: bool = False) -> str:
    """The end may come within the same millisecond as the last progress, and must be told all the same."""
    return f"job:{job_id}:{'end' if at_end else f'{at.timestamp():.3f}'}"
