"""The page itself, its pictures, and the photos and files it uploads."""

from pathlib import Path

from aiohttp import BodyPartReader, web

from .errors import ApiError
from .world import World

PAGE = Path(__file__).parent / "page"


class PageFiles:
    """Routes /, /page/…, /media/… and /upload of one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """What to add to the application."""
        return [
            web.get("/", self.index),
            web.get("/page/{name:[^/]+}", self.part),
            web.get("/media/{file_id}", self.media),
            web.post("/upload", self.upload),
        ]

    async def index(self, request: web.Request) -> web.StreamResponse:
        """The page."""
        return _file("index.html")

    async def part(self, request: web.Request) -> web.StreamResponse:
        """A file beside the page."""
        return _file(request.match_info["name"])

    async def media(self, request: web.Request) -> web.StreamResponse:
        """A picture or file out of a message."""
        file = self._world.files.any(request.match_info["file_id"])
        if file is None:
            raise web.HTTPNotFound
        inline = file.mime.startswith("image/") and file.mime != "image/svg+xml"
        kind = file.mime if inline else "application/octet-stream"
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        if not inline:
            headers["Content-Disposition"] = "attachment"
        return web.Response(body=file.data, content_type=kind.partition(";")[0], headers=headers)

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """What the page sends: the multipart field "photo" (or the bare bytes), or "document" with its name."""
        try:
            person, bot = int(request.query["person"]), int(request.query["bot"])
            caption = request.query.get("caption", "")
            name, data = await _uploaded(request)
            if name is None:
                message = self._world.send_photo(person, bot, data, caption)
            else:
                message = self._world.send_document(person, bot, data, name, caption)
        except (ApiError, LookupError, ValueError) as error:
            return web.json_response({"ok": False, "error": str(error)}, status=400)
        return web.json_response({"ok": True, "message": message.id})


async def _uploaded(request: web.Request) -> tuple[str | None, bytes]:
    """A document's name with its bytes, or None with a photo's."""
    if request.content_type != "multipart/form-data":
        return None, await request.read()
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.name in ("photo", "document"):
            name = (part.filename or "file.bin") if part.name == "document" else None
            return name, bytes(await part.read(decode=True))
    raise ValueError('no field "photo" or "document" in the upload')


def _file(name: str) -> web.StreamResponse:
    path = PAGE / name
    if not path.is_file() or path.parent != PAGE:
        raise web.HTTPNotFound(text="The page is not installed.")
    return web.FileResponse(path, headers={"Cache-Control": "no-store"})
