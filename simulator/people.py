"""Who takes part: people with phones, and bots with tokens."""

from dataclasses import dataclass
from typing import Any, Literal

Json = dict[str, Any]
Pane = Literal["customer", "staff"]


@dataclass(frozen=True)
class Person:
    """Somebody with a Telegram account. `phone` is E.164 with the plus; `role`: which pane shows them first."""

    id: int
    first_name: str
    last_name: str = ""
    username: str | None = None
    phone: str | None = None
    language_code: str = "ru"
    role: Pane = "customer"

    def user(self) -> Json:
        """The Bot API's User object."""
        user: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.last_name:
            user["last_name"] = self.last_name
        if self.username:
            user["username"] = self.username
        return user | {"language_code": self.language_code}

    def private_chat(self) -> Json:
        """The Bot API's Chat object of this person's private chat with a bot."""
        chat: Json = {"id": self.id, "type": "private", "first_name": self.first_name}
        if self.last_name:
            chat["last_name"] = self.last_name
        if self.username:
            chat["username"] = self.username
        return chat


@dataclass(frozen=True)
class BotAccount:
    """A bot as registered: what @BotFather would have given. `pane` is the page's pane it belongs to."""

    id: int
    token: str
    username: str
    first_name: str
    pane: Pane = "customer"

    def user(self) -> Json:
        """The Bot API's User object."""
        return {"id": self.id, "is_bot": True, "first_name": self.first_name, "username": self.username}
