"""A bot as the server keeps it: its account, its chats, what it has told about itself, and its updates."""

from dataclasses import dataclass, field

from .chats import CallbackQuery, Chat
from .errors import bad_request
from .people import BotAccount, Json
from .updates import UpdateQueue

CommandsKey = tuple[str, str]


@dataclass
class WebhookState:
    """Where updates are pushed, and how that goes."""

    url: str
    secret: str = ""
    max_connections: int = 40
    last_error_at: int = 0
    last_error: str = ""


@dataclass
class Bot:
    """What the server knows of one bot. Its texts about itself are kept by language code ("" is the default)."""

    account: BotAccount
    updates: UpdateQueue = field(default_factory=UpdateQueue)
    chats: dict[int, Chat] = field(default_factory=dict)
    queries: dict[str, CallbackQuery] = field(default_factory=dict)
    webhook: WebhookState | None = None
    commands: dict[CommandsKey, list[Json]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    menu_buttons: dict[int, Json] = field(default_factory=dict)

    @property
    def id(self) -> int:
        """The bot's user id."""
        return self.account.id

    @property
    def name(self) -> str:
        """Its name as people see it."""
        return self.names.get("") or self.account.first_name

    def user(self) -> Json:
        """The Bot API's User object."""
        return self.account.user() | {"first_name": self.name}

    def chat(self, chat_id: int) -> Chat:
        """The chat of that id. Raises ApiError 400 where this bot has none."""
        chat = self.chats.get(chat_id)
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def shown_commands(self, language: str, person_id: int = 0) -> list[Json]:
        """The commands that a person with that language sees in their private chat."""
        for scope in (f"chat:{person_id}", "all_private_chats", "default"):
            for code in (language, ""):
                if (scope, code) in self.commands:
                    return self.commands[scope, code]
        return []

    def shown_description(self, language: str) -> str:
        """The description that a person with that language sees in an empty chat."""
        return self.descriptions.get(language) or self.descriptions.get("", "")
