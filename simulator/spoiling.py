"""How a fault is acted out over HTTP."""

import json

from aiohttp import web

from .errors import ApiError, too_many_requests
from .faults import Fault, Faults

_PAGE = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)
_WORDS = {
    "400": "Bad Request: made to fail",
    "401": "Unauthorized",
    "403": "Forbidden: bot was blocked by the user",
    "404": "Not Found",
    "409": "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    "500": "Internal Server Error",
}


def api_error(fault: Fault) -> ApiError | None:
    """The refusal that a fault stands for in the Bot API; None for those that are no refusals."""
    if fault.kind == "429":
        return too_many_requests(fault.retry_after)
    if fault.kind in _WORDS:
        return ApiError(int(fault.kind), fault.description or _WORDS[fault.kind])
    return None


async def spoil(request: web.Request, faults: Faults, fault: Fault) -> web.Response:
    """Answer as the fault wants, or drop the connection. Not for plain refusals and "slow"."""
    if fault.kind == "502_page":
        return web.Response(status=502, text=_PAGE, content_type="text/html")
    if fault.kind in ("garbage", "garbage_after"):
        return web.Response(text='{"ok": tru', content_type="application/json")
    if fault.kind in ("hang", "hang_after"):
        await faults.hang(fault.seconds)
    return drop(request)


def drop(request: web.Request) -> web.Response:
    """Reset the connection: the caller gets no answer at all."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500, text=json.dumps(None))
