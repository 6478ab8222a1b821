"""Answers to presses of inline buttons."""

from simulator import clock
from simulator.errors import QUERY_TOO_OLD, bad_request
from simulator.events import PressAnswered
from simulator.formatting import utf16_length

from .registry import Request, method

MAX_ANSWER = 200


@method("answerCallbackQuery")
def answer_callback_query(request: Request) -> bool:
    """Answer a press: once, while it is fresh, with at most 200 characters."""
    query = request.bot.queries.get(request.params.text("callback_query_id"))
    text = request.params.text("text")
    if utf16_length(text) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    if query is None or query.answer is not None or clock.now() > query.expires:
        raise bad_request(QUERY_TOO_OLD)
    query.answer = {
        "text": text,
        "show_alert": request.params.flag("show_alert"),
        "url": request.params.text("url"),
    }
    request.world.bell.ring(PressAnswered(request.bot, query))
    return True
