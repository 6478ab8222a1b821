"""Reply markups: checked as the real server checks them, and put into one shape."""

import json
import re
from typing import Any

from .addresses import split_url
from .errors import bad_request
from .formatting import clean
from .people import Json

_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
MAX_BUTTONS = 100


def parse_markup(raw: object) -> Json | None:
    """The markup as a dictionary, None for none. Raises ApiError 400 in the real server's words."""
    if raw is None or raw == "":
        return None
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError:
            raise bad_request("can't parse reply keyboard markup JSON object") from None
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise bad_request("object expected as reply markup")
    if raw.get("keyboard"):
        return _reply_keyboard(raw)
    if raw.get("inline_keyboard"):
        return {"inline_keyboard": _rows(raw["inline_keyboard"], "inline_keyboard", _inline_button)}
    if raw.get("remove_keyboard") is True:
        return {"remove_keyboard": True}
    if raw.get("force_reply") is True:
        return {"force_reply": True} | _placeholder(raw)
    return None


def inline_only(markup: Json | None) -> Json | None:
    """The markup if an edited message may have it. Raises 400 for reply keyboards."""
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup


def _reply_keyboard(raw: Json) -> Json:
    made: Json = {"keyboard": _rows(raw["keyboard"], "keyboard", _keyboard_button)}
    for name in ("resize_keyboard", "one_time_keyboard", "is_persistent", "selective"):
        if name in raw and not isinstance(raw[name], bool):
            raise bad_request(f'field "{name}" of the ReplyKeyboardMarkup must be of the type Boolean')
        made[name] = bool(raw.get(name, False))
    return made | _placeholder(raw)


def _placeholder(raw: Json) -> Json:
    placeholder = raw.get("input_field_placeholder")
    return {"input_field_placeholder": str(placeholder)} if placeholder else {}


def _rows(raw: object, field: str, button: Any) -> list[list[Json]]:
    owner = "InlineKeyboardMarkup" if field == "inline_keyboard" else "ReplyKeyboardMarkup"
    if not isinstance(raw, list):
        raise bad_request(f'field "{field}" of the {owner} must be an Array')
    if not all(isinstance(row, list) for row in raw):
        raise bad_request(f'field "{field}" of the {owner} must be an Array of Arrays')
    rows = [[button(item) for item in row] for row in raw]
    if sum(map(len, rows)) > MAX_BUTTONS * (1 if field == "inline_keyboard" else 3):
        raise bad_request("reply markup is too long")
    return [row for row in rows if row]


def _keyboard_button(raw: object) -> Json:
    if isinstance(raw, str):
        raw = {"text": raw}
    if not isinstance(raw, dict):
        raise bad_request("can't parse keyboard button: KeyboardButton must be an Object")
    text = _text(raw, "keyboard button", "keyboard button")
    extras = ("request_contact", "request_location", "request_users", "request_chat", "web_app")
    return {"text": text} | {name: raw[name] for name in extras if raw.get(name)}


def _text(raw: Json, what: str, label: str) -> str:
    text = raw.get("text")
    if not isinstance(text, str):
        words = "Can't find field" if text is None else 'Field "text" must be of type String'
        raise bad_request(f"can't parse {what}: {words}" + (' "text"' if text is None else ""))
    text = clean(text).strip()
    if not text:
        raise bad_request(f"{label} text must be non-empty")
    return text


def _inline_button(raw: object) -> Json:
    what = "inline keyboard button"
    if not isinstance(raw, dict):
        raise bad_request(f"can't parse {what}: InlineKeyboardButton must be an Object")
    made: Json = {"text": _text(raw, what, what)}
    actions = [name for name in _ACTIONS if raw.get(name) is not None]
    if not actions:
        raise bad_request(f"can't parse {what}: Text buttons are unallowed in the inline keyboard")
    action = actions[0]
    value = raw[action]
    if action == "callback_data":
        _check_data(value)
    elif action == "url":
        value = _checked_url(value)
    elif action == "copy_text":
        _check_copy_text(value)
    return made | {action: value}


def _check_data(value: object) -> None:
    if not isinstance(value, str):
        raise bad_request('can\'t parse inline keyboard button: Field "callback_data" must be of type String')
    if not 1 <= len(value.encode()) <= 64:
        raise bad_request("BUTTON_DATA_INVALID")


def _check_copy_text(value: object) -> None:
    text = value.get("text") if isinstance(value, dict) else None
    if not isinstance(text, str) or not 1 <= len(text) <= 256:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")


def _checked_url(value: object) -> str:
    if not isinstance(value, str):
        raise bad_request('can\'t parse inline keyboard button: Field "url" must be of type String')
    url = value.strip()
    if url.startswith(("tg://", "ton://", "tonsite://")):
        return url
    full = url if re.match(r"[a-z][a-z0-9+.-]*:", url, re.IGNORECASE) and "://" in url else f"http://{url}"
    parts = split_url(full)
    if parts is None:
        raise _wrong_url(value, "Wrong HTTP URL")
    if parts.scheme.lower() not in ("http", "https"):
        raise _wrong_url(value, "Unsupported URL protocol")
    if not parts.hostname:
        raise _wrong_url(value, "URL host is empty")
    if "." not in parts.hostname and ":" not in parts.hostname:
        raise _wrong_url(value, "Wrong HTTP URL")
    return full if parts.path or parts.query or parts.fragment else f"{full}/"


def _wrong_url(url: str, why: str) -> Exception:
    return bad_request(f"inline keyboard button URL '{url}' is invalid: {why}")
