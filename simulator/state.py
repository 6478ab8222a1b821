"""The simulated world's state, held in memory and changed on one event loop."""

import secrets
from collections.abc import Sequence

from . import clock
from .bots import Bot
from .chats import CallbackQuery, Chat, Message
from .errors import forbidden
from .events import Bell, BotChanged, MessageShown, PersonAdded, SmsAccepted, TitleChanged
from .faults import Faults
from .files import FileStore
from .formatting import to_safe_html
from .journal import Journal
from .limits import FloodLimit
from .people import BotAccount, Json, Pane, Person
from .sms import SmsBox

BotRef = int | str | BotAccount | Bot
PersonRef = int | Person


class State:
    """Bots, people, files and the SMS box, with the journal of calls and the faults in force."""

    def __init__(
        self, bots: Sequence[BotAccount], people: Sequence[Person], sms_account: tuple[str, str], title: str
    ) -> None:
        self.title = title
        self.bots: dict[int, Bot] = {account.id: Bot(account) for account in bots}
        self.people: dict[int, Person] = {person.id: person for person in people}
        self.files = FileStore()
        self.journal = Journal()
        self.faults = Faults()
        self.flood = FloodLimit()
        self.bell = Bell()
        self.sms_box = SmsBox(*sms_account, on_accepted=lambda sms: self.bell.ring(SmsAccepted(sms)))
        self.touches = 0
        self.callback_seconds = 60.0
        self.webhook_backoff: Sequence[float] = (0.1, 0.2, 0.5, 1, 2, 5)

    def bot(self, ref: BotRef) -> Bot:
        """The bot named by its id, username, token or account. Raises LookupError."""
        if isinstance(ref, Bot):
            return ref
        wanted = ref.id if isinstance(ref, BotAccount) else ref
        for bot in self.bots.values():
            if wanted in (bot.id, bot.account.username, bot.account.token):
                return bot
        raise LookupError(f"no bot {wanted!r} here")

    def person(self, ref: PersonRef) -> Person:
        """The person of that id. Raises LookupError."""
        wanted = ref.id if isinstance(ref, Person) else ref
        if wanted not in self.people:
            raise LookupError(f"no person {wanted!r} here")
        return self.people[wanted]

    def add_person(
        self,
        person: Person | None = None,
        *,
        first_name: str = "",
        phone: str | None = None,
        role: str = "customer",
        language_code: str = "ru",
    ) -> Person:
        """Add a person, or make one with a free id that nobody ever had."""
        if person is None:
            free = max(max(self.people, default=0) + 1, clock.first_person_id())
            pane: Pane = "staff" if role == "staff" else "customer"
            name = first_name or f"#{free}"
            person = Person(free, name, phone=phone or None, language_code=language_code, role=pane)
        if person.id in self.people:
            raise ValueError(f"person {person.id} is here already")
        if person.phone and any(other.phone == person.phone for other in self.people.values()):
            raise ValueError(f"the phone {person.phone} belongs to somebody else")
        self.people[person.id] = person
        self.bell.ring(PersonAdded(person))
        return person

    def entitle(self, title: str) -> None:
        """Change what the page is headed by."""
        self.title = title
        self.bell.ring(TitleChanged(title))

    def rename(self, ref: BotRef, name: str) -> None:
        """Give a bot another name, as @BotFather does."""
        bot = self.bot(ref)
        bot.names[""] = name
        self.tell_bot_changed(bot)

    def open_chat(self, bot: Bot, person: Person) -> Chat:
        """The private chat of the two, made where they never spoke."""
        if person.id not in bot.chats:
            chat = Chat(bot.id, person.private_chat(), clock.first_message_id(), [person])
            bot.chats[person.id] = chat
        return bot.chats[person.id]

    def writable_chat(self, bot: Bot, chat_id: int) -> Chat:
        """The chat a bot wants to write to. Raises ApiError: 400 unknown, 403 blocked."""
        chat = bot.chat(chat_id)
        if chat.blocked:
            raise forbidden(
                "bot was blocked by the user" if chat.is_private else "bot was kicked from the group chat"
            )
        return chat

    def show(self, chat: Chat, message: Message) -> None:
        """Tell that a message is new or changed."""
        self.touches += 1
        message.touched = self.touches
        self.bell.ring(MessageShown(chat, message))

    def tell_bot_changed(self, bot: Bot) -> None:
        """Tell that a bot's commands or texts about itself changed."""
        self.bell.ring(BotChanged(bot))

    def new_query(self, person: Person, chat: Chat, message: Message, data: str) -> CallbackQuery:
        """A press of an inline button, not yet told to the bot."""
        query_id = str(secrets.randbelow(9 * 10**17) + 10**17)
        expires = clock.now() + self.callback_seconds
        return CallbackQuery(query_id, person, chat.id, message.id, data, 0, expires)

    def safe_html(self, message: Message) -> str:
        """The message's text as HTML for a page."""
        return to_safe_html(message.text, message.entities)

    def queue(self, bot: Bot, kind: str, payload: Json, chat: Chat) -> int:
        """Queue an update; its id, or 0 where the bot does not want such."""
        update = bot.updates.add(kind, payload, chat.id)
        self.bell.ring()
        return update.id if update else 0
