"""A person's own contact as the proof of their phone, kept like a code that was entered."""

from datetime import datetime, timedelta

from core.code_limits import supersede
from core.domain.errors import CodeExpired
from core.store import codes
from core.store.codes import CodeRow

PROOF_LIFETIME = timedelta(hours=1)


async def insert_proof(purpose: str, subject: str, phone: str, key: str, inputs: str, now: datetime) -> CodeRow:
    """Write the proof that the request ``key`` (with the hash of its ``inputs``) brings; live codes end."""
    await supersede(purpose, subject, now)
    code_id = await codes.insert(
        purpose=purpose,
        subject=subject,
        method="contact",
        phone=phone,
        code_hash=None,
        staff_member_id=None,
        tries_left=0,
        expires_at=now + PROOF_LIFETIME,
        used_at=now,
        request_key=key,
        input_hash=inputs,
        now=now,
    )
    found = await codes.get(code_id)
    if found is None:
        raise CodeExpired
    return found
