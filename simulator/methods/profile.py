"""What a bot tells about itself: commands, name, descriptions, menu button."""

import re

from simulator.errors import bad_request
from simulator.people import Json

from .registry import Request, method

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SCOPES = frozenset(
    {
        "default",
        "all_private_chats",
        "all_group_chats",
        "all_chat_administrators",
        "chat",
        "chat_administrators",
        "chat_member",
    }
)
MAX_COMMANDS = 100


def _scope(request: Request) -> str:
    given = request.params.data("scope", "scope")
    if given is None:
        return "default"
    kind = given.get("type") if isinstance(given, dict) else None
    if not isinstance(kind, str) or kind not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    extras = [str(given[name]) for name in ("chat_id", "user_id") if name in given]
    return ":".join([kind, *extras])


def _language(request: Request) -> str:
    code = request.params.text("language_code")
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad_request("invalid language code specified")
    return code


@method("setMyCommands")
def set_my_commands(request: Request) -> bool:
    """Replace the commands of a scope and language."""
    given = request.params.data("commands", "commands")
    if not isinstance(given, list):
        raise bad_request("expected an Array of BotCommand")
    if len(given) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    key = (_scope(request), _language(request))
    request.bot.commands[key] = [_command(item) for item in given]
    request.world.tell_bot_changed(request.bot)
    return True


def _command(item: object) -> Json:
    if not isinstance(item, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    name = str(item.get("command", "")).removeprefix("/")
    description = str(item.get("description", "")).strip()
    if not _COMMAND.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


@method("getMyCommands")
def get_my_commands(request: Request) -> list[Json]:
    """The commands of exactly that scope and language."""
    return request.bot.commands.get((_scope(request), _language(request)), [])


@method("deleteMyCommands")
def delete_my_commands(request: Request) -> bool:
    """Forget the commands of a scope and language."""
    request.bot.commands.pop((_scope(request), _language(request)), None)
    request.world.tell_bot_changed(request.bot)
    return True


def _keep(request: Request, kept: dict[str, str], field: str, limit: int) -> bool:
    text = request.params.text(field).strip()
    if len(text) > limit:
        raise bad_request(f"{field.replace('_', ' ')} is too long")
    language = _language(request)
    if text:
        kept[language] = text
    else:
        kept.pop(language, None)
    request.world.tell_bot_changed(request.bot)
    return True


@method("setMyName")
def set_my_name(request: Request) -> bool:
    """Change the name, at most 64 characters."""
    return _keep(request, request.bot.names, "name", 64)


@method("getMyName")
def get_my_name(request: Request) -> Json:
    """The name in a language."""
    return {"name": request.bot.names.get(_language(request)) or request.bot.name}


@method("setMyDescription")
def set_my_description(request: Request) -> bool:
    """Change what an empty chat shows, at most 512 characters."""
    return _keep(request, request.bot.descriptions, "description", 512)


@method("getMyDescription")
def get_my_description(request: Request) -> Json:
    """What an empty chat shows."""
    return {"description": request.bot.shown_description(_language(request))}


@method("setMyShortDescription")
def set_my_short_description(request: Request) -> bool:
    """Change what the profile shows, at most 120 characters."""
    return _keep(request, request.bot.short_descriptions, "short_description", 120)


@method("getMyShortDescription")
def get_my_short_description(request: Request) -> Json:
    """What the profile shows."""
    kept = request.bot.short_descriptions
    return {"short_description": kept.get(_language(request)) or kept.get("", "")}


@method("setChatMenuButton")
def set_chat_menu_button(request: Request) -> bool:
    """Change the menu button of a chat, or of all."""
    button = request.params.data("menu_button", "menu button") or {"type": "default"}
    if not isinstance(button, dict) or button.get("type") not in ("default", "commands", "web_app"):
        raise bad_request("can't parse menu button: MenuButton has unsupported type")
    request.bot.menu_buttons[request.params.number("chat_id")] = button
    return True


@method("getChatMenuButton")
def get_chat_menu_button(request: Request) -> Json:
    """The menu button of a chat, or of all."""
    buttons = request.bot.menu_buttons
    return buttons.get(request.params.number("chat_id")) or buttons.get(0) or {"type": "commands"}


@method("setMyProfilePhoto", "removeMyProfilePhoto", "setMyDefaultAdministratorRights")
def accept(request: Request) -> bool:
    """Accepted; nothing is shown."""
    return bool(request.bot)
