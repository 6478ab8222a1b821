"""SMS Aero's API v2 over HTTP, as its clients see it."""

import asyncio
import base64
import binascii
import json
import re
from typing import Any

import aiohttp
from aiohttp import web

from . import clock
from .faults import Fault
from .people import Json
from .sms import STATUSES, NoMoneyError, Sms, SmsBox
from .spoiling import spoil
from .world import World

PAGE = 50


class SmsGateway:
    """Routes /v2/… of one world."""

    def __init__(self, world: World, session: aiohttp.ClientSession) -> None:
        self._world = world
        self._session = session
        self._deliveries: set[asyncio.Task[None]] = set()

    @property
    def _box(self) -> SmsBox:
        return self._world.sms_box

    def routes(self) -> list[web.RouteDef]:
        """What to add to the application."""
        return [web.route("*", "/v2/{path:.*}", self.call)]

    async def stop(self) -> None:
        """End the delivery reports under way."""
        for task in self._deliveries:
            task.cancel()
        await asyncio.gather(*self._deliveries, return_exceptions=True)

    async def call(self, request: web.Request) -> web.StreamResponse:
        """One call of the gateway."""
        path = request.match_info["path"].strip("/")
        fault = self._world.faults.take("sms", path)
        if fault is not None and not fault.works_first:
            return _refused(fault) or await spoil(request, self._world.faults, fault)
        if not self._is_ours(request):
            return _answer(None, "Your request was made with invalid credentials.", status=401)
        response = self._work(path, await _read(request))
        if fault is None:
            return response
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return response
        return await spoil(request, self._world.faults, fault)

    def _is_ours(self, request: web.Request) -> bool:
        kind, _, value = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "basic":
            return False
        try:
            decoded = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return False
        return decoded == f"{self._box.email}:{self._box.api_key}"

    def _work(self, path: str, values: Json) -> web.Response:
        match path:
            case "auth":
                return _answer(None, "Successful authorization.")
            case "balance":
                return _answer({"balance": self._box.balance})
            case "tariffs":
                price = f"{self._box.price:.2f}"
                names = ("MEGAFON", "MTS", "BEELINE", "TELE2", "OTHER")
                return _answer({"FREE SIGN": dict.fromkeys(names, price)})
            case "sign/list":
                signs = self._box.signs or ["SMS Aero"]
                listed = [
                    {"id": number, "name": name, "status": 1, "extendStatus": "approve"}
                    for number, name in enumerate(signs, 1)
                ]
                return _answer(_paged(listed, 1, path))
            case "sms/send" | "sms/testsend":
                return self._send(values, test=path == "sms/testsend")
            case "sms/status" | "sms/teststatus":
                return self._status(values, test=path == "sms/teststatus")
            case "sms/list" | "sms/testlist":
                return self._list(path, values, test=path == "sms/testlist")
        return _answer(None, "Page not found.", status=404)

    def _send(self, values: Json, *, test: bool) -> web.Response:
        numbers, many = _numbers(values)
        problems: Json = {}
        if not numbers:
            problems["number"] = ["Number cannot be blank."]
        elif not all(re.fullmatch(r"\d{10,15}", number) for number in numbers):
            problems["number"] = ["Number is invalid."]
        if not str(values.get("text") or "").strip():
            problems["text"] = ["Text cannot be blank."]
        sign = str(values.get("sign") or "")
        if not sign or (self._box.signs is not None and sign not in self._box.signs):
            problems["sign"] = ["Sign is invalid."]
        if problems:
            return _answer(problems, "Validation error.", status=400, success=False)
        callback = str(values.get("callbackUrl") or "")
        try:
            sent = [self._box.send(number, str(values["text"]), sign, callback, test=test) for number in numbers]
        except NoMoneyError:
            return _no_money()
        if self._box.delivers and not test:
            for sms in sent:
                self._deliver_soon(sms)
        made = [_sms_json(sms) for sms in sent]
        return _answer(made if many else made[0])

    def _status(self, values: Json, *, test: bool) -> web.Response:
        try:
            sms = self._box.find(int(values.get("id") or 0), test=test)
        except ValueError:
            sms = None
        if sms is None:
            return _answer(None, "Message not found.", status=404)
        return _answer(_sms_json(sms))

    def _list(self, path: str, values: Json, *, test: bool) -> web.Response:
        numbers, _ = _numbers(values)
        text = str(values.get("text") or "")
        box = self._box.tests if test else self._box.messages
        found = [
            sms
            for sms in reversed(box)
            if (not numbers or sms.phone.lstrip("+") in numbers) and (not text or text in sms.text)
        ]
        return _answer(_paged([_sms_json(sms) for sms in found], int(values.get("page") or 1), path))

    def _deliver_soon(self, sms: Sms) -> None:
        task = asyncio.create_task(self.report(sms, 1))
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)

    async def report(self, sms: Sms, status: int) -> None:
        """Give an SMS its final status and post the delivery report where one was asked for."""
        sms.status, sms.answered_at = status, clock.now()
        self._world.bell.ring()
        if not sms.callback_url:
            return
        form = {"id": sms.id, "tel": sms.phone.lstrip("+"), "status": status, "extendStatus": STATUSES[status]}
        try:
            async with self._session.post(sms.callback_url, data=form) as answer:
                await answer.read()
        except aiohttp.ClientError:
            return  # A report is sent once; whoever misses it asks for the status.


def _refused(fault: Fault) -> web.Response | None:
    match fault.kind:
        case "no_money":
            return _no_money()
        case "reject":
            return web.json_response({"result": "reject", "reason": fault.description or "incorrect data"})
        case "429":
            return _answer(None, "Too many requests.", status=429)
        case "400" | "401" | "403" | "404" | "409" | "500":
            words = fault.description or "Internal Server Error"
            return _answer(None, words, status=int(fault.kind))
    return None


def _no_money() -> web.Response:
    return web.json_response(
        {"success": False, "result": "no credits", "data": None, "message": "Not enough money."}, status=402
    )


def _answer(
    data: Any, message: str | None = None, *, status: int = 200, success: bool | None = None
) -> web.Response:
    good = status == 200 if success is None else success
    return web.json_response({"success": good, "data": data, "message": message}, status=status)


def _sms_json(sms: Sms) -> Json:
    made: Json = {
        "id": sms.id,
        "from": sms.sign,
        "number": sms.phone.lstrip("+"),
        "text": sms.text,
        "status": sms.status,
        "extendStatus": STATUSES[sms.status],
        "channel": "FREE SIGN",
        "cost": sms.cost,
        "dateCreate": int(sms.at),
        "dateSend": int(sms.at),
    }
    if sms.answered_at is not None:
        made["dateAnswer"] = int(sms.answered_at)
    return made


def _paged(items: list[Json], page: int, path: str) -> Json:
    last = max(1, -(-len(items) // PAGE))
    begin = (page - 1) * PAGE
    made: Json = {str(index): item for index, item in enumerate(items[begin : begin + PAGE])}

    def link(number: int) -> str:
        return f"/v2/{path}?page={number}"

    links = {"self": link(page), "first": link(1), "last": link(last)}
    if page < last:
        links["next"] = link(page + 1)
    return made | {"links": links, "totalCount": str(len(items))}


def _numbers(values: Json) -> tuple[list[str], bool]:
    many = values.get("numbers")
    if isinstance(many, list):
        return [str(number).lstrip("+") for number in many], True
    one = values.get("number")
    return ([str(one).lstrip("+")] if one else []), False


async def _read(request: web.Request) -> Json:
    values: Json = dict(request.query)
    if not request.can_read_body:
        return values
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text() or "{}")
        except ValueError:
            return values
        return values | body if isinstance(body, dict) else values
    return values | dict(await request.post())
