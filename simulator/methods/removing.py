"""Methods that take messages away."""

from simulator.chats import Chat, Message
from simulator.errors import bad_request
from simulator.events import ChatChanged, MessageGone

from .registry import Request, method


@method("deleteMessage")
def delete_message(request: Request) -> bool:
    """Delete one message, the bot's or the person's."""
    chat = request.chat()
    _remove(request, chat, request.message(chat, "delete"))
    return True


@method("deleteMessages")
def delete_messages(request: Request) -> bool:
    """Delete up to a hundred; those that are not there are passed over."""
    chat = request.chat()
    numbers = request.params.data("message_ids", "message identifiers")
    if not isinstance(numbers, list):
        raise bad_request("message identifiers are not specified")
    if len(numbers) > 100:
        raise bad_request("too many message identifiers specified")
    if not all(isinstance(number, int) for number in numbers):
        raise bad_request("can't parse message identifiers: expected an Array of Integer")
    for number in numbers:
        message = chat.find(number)
        if message is not None:
            _remove(request, chat, message)
    return True


def _remove(request: Request, chat: Chat, message: Message) -> None:
    message.deleted = True
    request.world.bell.ring(MessageGone(chat, message))
    if chat.keyboard_message == message.id:
        # Telegram's clients drop a reply keyboard together with the message that brought it.
        chat.keyboard = chat.keyboard_message = None
        request.world.bell.ring(ChatChanged(chat))
