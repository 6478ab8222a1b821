"""Who is with whom: blocking a bot, and groups."""

from collections.abc import Sequence

from . import clock
from .chats import Chat
from .events import ChatChanged
from .people import Json, Person
from .state import BotRef, PersonRef, State


class Membership(State):
    """What people do to a bot's being in their chats; each is told to the bot by my_chat_member."""

    def acquaint(self, person: PersonRef, bot: BotRef) -> None:
        """Let the two have spoken before, so that the bot may write first. The bot is not told."""
        self.open_chat(self.bot(bot), self.person(person))

    def block(self, person: PersonRef, bot: BotRef) -> int:
        """Stop the bot; returns the update's id."""
        return self._membership(person, bot, blocked=True)

    def unblock(self, person: PersonRef, bot: BotRef) -> int:
        """Let the bot write again; returns the update's id."""
        return self._membership(person, bot, blocked=False)

    def create_group(
        self, title: str, bot: BotRef, people: Sequence[PersonRef], *, supergroup: bool = True
    ) -> int:
        """Make a group with the bot in it, by the first of the people; returns its id for `chat_id`."""
        target, members = self.bot(bot), [self.person(ref) for ref in people]
        kind = "supergroup" if supergroup else "group"
        number = target.id % 10**6 * 1000 + len(target.chats) + 1
        chat_id = -(10**12) - number if supergroup else -number
        chat = Chat(target.id, {"id": chat_id, "type": kind, "title": title}, clock.first_message_id(), members)
        target.chats[chat_id] = chat
        self._tell_membership(target, chat, members[0], "left", "member")
        return chat_id

    def remove_from_group(self, person: PersonRef, bot: BotRef, chat_id: int) -> None:
        """Throw the bot out of a group."""
        target = self.bot(bot)
        chat = target.chat(chat_id)
        chat.blocked = True
        self._tell_membership(target, chat, self.person(person), "member", "left")

    def _membership(self, person: PersonRef, bot: BotRef, *, blocked: bool) -> int:
        target, who = self.bot(bot), self.person(person)
        chat = self.open_chat(target, who)
        if chat.blocked == blocked:
            return 0
        chat.blocked = blocked
        before, after = ("member", "kicked") if blocked else ("kicked", "member")
        self.bell.ring(ChatChanged(chat))
        return self._tell_membership(target, chat, who, before, after)

    def _tell_membership(self, bot: BotRef, chat: Chat, who: Person, before: str, after: str) -> int:
        target = self.bot(bot)

        def member(status: str) -> Json:
            extra = {"until_date": 0} if status == "kicked" else {}
            return {"status": status, "user": target.user()} | extra

        payload: Json = {
            "chat": chat.info,
            "from": who.user(),
            "date": int(clock.now()),
            "old_chat_member": member(before),
            "new_chat_member": member(after),
        }
        return self.queue(target, "my_chat_member", payload, chat)
