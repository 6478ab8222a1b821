"""Methods about chats and the people in them."""

from simulator.chats import Chat
from simulator.errors import bad_request
from simulator.people import Json

from .registry import Request, method


@method("getChat")
def get_chat(request: Request) -> Json:
    """The ChatFullInfo object."""
    return request.chat().info | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }


@method("getChatMember")
def get_chat_member(request: Request) -> Json:
    """A member of a chat."""
    chat = request.chat()
    wanted = request.params.number("user_id")
    if wanted == request.bot.id:
        return {"status": "member", "user": request.bot.user()}
    for person in chat.members:
        if person.id == wanted:
            return {"status": "member", "user": person.user()}
    raise bad_request("user not found")


@method("getChatMemberCount")
def get_chat_member_count(request: Request) -> int:
    """How many are in a chat, the bot included."""
    return len(request.chat().members) + 1


@method("leaveChat")
def leave_chat(request: Request) -> bool:
    """Leave a group."""
    chat = request.chat()
    if chat.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    chat.blocked = True
    return True


@method("pinChatMessage", "setMessageReaction")
def touch_message(request: Request) -> bool:
    """Accepted where the message is there; nothing is shown."""
    _existing(request, request.writable_chat())
    return True


@method("unpinChatMessage", "unpinAllChatMessages")
def unpin(request: Request) -> bool:
    """Accepted; nothing is shown."""
    request.writable_chat()
    return True


def _existing(request: Request, chat: Chat) -> None:
    request.message(chat, "pin" if request.method == "pinchatmessage" else "react")
