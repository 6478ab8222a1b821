"""Parameters of a call, whichever of the four ways they came in."""

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from .errors import ApiError, bad_request
from .files import MAX_UPLOAD
from .people import Json


@dataclass(frozen=True)
class Upload:
    """A file that came in a multipart body."""

    name: str
    mime: str
    data: bytes


@dataclass
class Params:
    """Values are what JSON gave, or strings where a form gave them."""

    values: Json = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """The value as a string."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return "true" if value else "false"
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def flag(self, name: str) -> bool:
        """The value as a boolean, as the real server reads it."""
        return self.text(name).strip().lower() in ("true", "yes", "1")

    def number(self, name: str, default: int = 0) -> int:
        """The value as an integer; what is no number counts as 0."""
        text = self.text(name).strip()
        if not text:
            return default
        try:
            return int(text)
        except ValueError:
            return 0

    def data(self, name: str, what: str) -> Any:
        """The value as parsed JSON, None where there is none. Raises ApiError 400 for what is no JSON."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {what} JSON object") from None

    def journal(self) -> Json:
        """The values as the journal keeps them: files by name and size."""
        uploads = {name: f"<{file.name}, {len(file.data)} bytes>" for name, file in self.files.items()}
        return self.values | uploads


async def read_params(request: web.Request) -> Params:
    """Query string and body of a request. Raises ApiError 400 for a body of JSON that can't be parsed."""
    params = Params(dict(request.query))
    if not request.can_read_body:
        return params
    kind = request.content_type
    if kind == "application/json":
        params.values |= await _read_json(request)
    elif kind == "application/x-www-form-urlencoded":
        params.values |= dict((await request.post()).items())
    elif kind == "multipart/form-data":
        await _read_multipart(request, params)
    return params


async def _read_json(request: web.Request) -> Json:
    try:
        body = json.loads(await request.text() or "{}")
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(body, dict):
        raise bad_request("object expected")
    return body


async def _read_multipart(request: web.Request, params: Params) -> None:
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        data = bytes(await part.read(decode=True))
        if part.filename is None:
            params.values[part.name] = data.decode("utf-8", "replace")
            continue
        if len(data) > MAX_UPLOAD:
            raise ApiError(413, "Request Entity Too Large")
        mime = part.headers.get("Content-Type", "")
        params.files[part.name] = Upload(part.filename, mime, data)
