"""Only the simulator's own page may act through a browser: another site open beside it may not."""

from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler


@web.middleware
async def own_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what a browser sends in the name of a page from elsewhere. Programs send no Origin."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise web.HTTPForbidden(text="this simulator is used from its own page only")
    return await handler(request)
