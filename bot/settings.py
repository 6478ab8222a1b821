"""Settings from the environment and .env, typed; a bad value is refused at start by its name.

Each secret may come from a file instead: ``NAME_FILE`` names it, in the environment or in .env. What the
environment says goes before what .env says; where one of them gives both, the file counts. An empty file is as
none.
"""

import fcntl
import os
import re
import secrets
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import phonenumbers
from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, SettingsConfigDict

from bot.speech import complain

VAR = Path("var")
ENV_FILE = Path(".env")
_NAME = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=", re.MULTILINE)
_SHORTEST_KEY = 16
_SECRETS = (
    "CUSTOMER_BOT_TOKEN",
    "STAFF_BOT_TOKEN",
    "DATABASE_URL",
    "REDIS_URL",
    "SMSAERO_API_KEY",
    "SMSRU_API_ID",
    "WEBHOOK_SECRET",
    "METRICS_TOKEN",
    "SECRET_KEY",
)


class BadSettings(Exception):
    """Settings that can't be used; the text names them and never shows a value."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("is not a time zone like Europe/Moscow") from error
    return name


def _region(name: str) -> str:
    if name not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("is not a country of two letters like RU")
    return name


def _database(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(("sqlite:///", "postgres://", "postgresql://")):
        raise ValueError("begins with sqlite:/// or postgresql://")
    if not url.get_secret_value().startswith("sqlite:"):
        try:
            _ = urlsplit(url.get_secret_value()).port
        except ValueError:
            # Its words would show the beginning of the password.
            raise ValueError(
                "can't be read; in a user or password write / as %2F, ? as %3F, # as %23, [ as %5B, ] as %5D"
            ) from None
    return url


def _redis(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("begins with redis://, rediss:// or unix://")
    return url


def _key(key: SecretStr) -> SecretStr:
    if len(key.get_secret_value()) < _SHORTEST_KEY:
        raise ValueError(f"needs at least {_SHORTEST_KEY} characters")
    return key


class Settings(BaseSettings):
    """One field for each setting of .env.example."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE, env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True
    )

    customer_bot_token: SecretStr | None = None
    staff_bot_token: SecretStr | None = None
    telegram_api_url: str | None = None
    database_url: Annotated[SecretStr, AfterValidator(_database)] | None = None
    redis_url: Annotated[SecretStr, AfterValidator(_redis)] | None = None
    sms_gateway: Literal["console", "smsaero", "smsru"] = "console"
    sms_fallback: Literal["smsaero", "smsru"] | None = None
    smsaero_email: str | None = None
    smsaero_api_key: SecretStr | None = None
    smsaero_sign: str = "SMS Aero"
    smsaero_gate: str | None = None
    smsaero_scheme: Literal["https", "http"] = "https"
    smsru_api_id: SecretStr | None = None
    smsru_sender: str | None = None
    smsru_url: str | None = None
    public_url: str | None = None
    webhook_secret: SecretStr | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    metrics_port: Annotated[int, Field(ge=0, le=65535)] | None = None
    metrics_token: SecretStr | None = None
    secret_key: Annotated[SecretStr, AfterValidator(_key)] | None = None
    timezone: Annotated[str, AfterValidator(_zone)] = "Europe/Moscow"
    default_region: Annotated[str, AfterValidator(_region)] = "RU"
    language: Literal["ru", "en"] = "ru"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    simulator_port: Annotated[int, Field(ge=0, le=65535)] = 8080

    @model_validator(mode="after")
    def _together(self) -> "Settings":
        if (self.customer_bot_token is None) != (self.staff_bot_token is None):
            raise ValueError(
                "CUSTOMER_BOT_TOKEN and STAFF_BOT_TOKEN go together: set both, or none for the simulator"
            )
        self._check_gateways()
        return self

    def _check_gateways(self) -> None:
        for name, gateway in (("SMS_GATEWAY", self.sms_gateway), ("SMS_FALLBACK", self.sms_fallback)):
            if gateway == "smsaero" and not (self.smsaero_email and self.smsaero_api_key):
                raise ValueError(f"{name}=smsaero needs SMSAERO_EMAIL and SMSAERO_API_KEY")
            if gateway == "smsru" and not self.smsru_api_id:
                raise ValueError(f"{name}=smsru needs SMSRU_API_ID")
        if self.sms_fallback is not None and self.sms_fallback == self.sms_gateway:
            raise ValueError("SMS_FALLBACK is another gateway than SMS_GATEWAY, or empty")

    @property
    def is_demo(self) -> bool:
        """Without tokens the simulator is started with a sample merchant."""
        return self.customer_bot_token is None

    def database(self) -> str:
        """Where the data is; the demonstration never touches the real database."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{VAR / ('demo.db' if self.is_demo else 'kopilka.db')}"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings, and tell of strange names in .env. Raises BadSettings with one line for each bad name."""
    for line in strangers():
        complain(line)
    values: dict[str, Any] = _from_files(os.environ if environment is None else environment)
    try:
        return Settings(**values)
    except ValidationError as error:
        lines = [
            f"{'.'.join(str(part).upper() for part in each['loc']) or 'Settings'}: {_why(each)}"
            for each in error.errors(include_input=False, include_url=False)
        ]
        raise BadSettings("\n".join(lines)) from None


def _why(error: Any) -> str:
    """One refusal of pydantic's in words of our own, which never hold the value."""
    bounds = error.get("ctx", {})
    match error["type"]:
        case "value_error":
            return str(bounds["error"])
        case "int_parsing" | "int_from_float" | "int_type":
            return "is not a whole number"
        case "greater_than_equal":
            return f"can't be below {bounds['ge']}"
        case "less_than_equal":
            return f"can't be above {bounds['le']}"
        case "literal_error":
            return f"is one of: {bounds['expected'].replace(' or ', ', ').replace(chr(39), '')}"
    return "can't be used"


def strangers(path: Path = ENV_FILE) -> list[str]:
    """A line for each name in the .env file that is no setting, with the setting that was probably meant."""
    if not path.exists():
        return []
    known = [name.upper() for name in Settings.model_fields]
    known += [f"{name}_FILE" for name in _SECRETS]
    lines = []
    for name in _NAME.findall(path.read_text("utf-8", errors="replace")):
        if name.upper() not in known:
            nearest = get_close_matches(name.upper(), known, n=1)
            meant = f"; did you mean {nearest[0]}?" if nearest else "."
            lines.append(f"{path}: {name} is no setting and does nothing{meant}")
    return lines


def _from_files(environment: Mapping[str, str]) -> dict[str, Any]:
    values = {}
    for name in _SECRETS:
        path = _path_of_file(name, environment)
        if path:
            try:
                content = Path(path).read_text("utf-8").strip()
            except (OSError, UnicodeError) as error:
                why = error.strerror if isinstance(error, OSError) else "it is no text"
                raise BadSettings(f"{name}_FILE: the file can't be read ({why})") from None
            if content:
                values[name.lower()] = content
    return values


def _path_of_file(name: str, environment: Mapping[str, str]) -> str | None:
    """Where the secret's file is; None when there is none, or when the environment goes before what .env says."""
    path = environment.get(f"{name}_FILE")
    if path or environment.get(name):
        return path
    return DotEnvSettingsSource(Settings).env_vars.get(f"{name}_FILE".lower())


def secret_key(settings: Settings) -> str:
    """The key of hashes and signatures: the setting, or one made once and kept in var/secret.key.

    Raises BadSettings for a file that was cut off.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    path = VAR / "secret.key"
    key = (path.read_text("utf-8").strip() if path.exists() else "") or _made_key(path)
    if len(key) < _SHORTEST_KEY:
        raise BadSettings(f"{path}: holds no whole key; put back the one of before, or remove it for a new one")
    return key


def _made_key(path: Path) -> str:
    """Make the key. Processes that start at once make one; a file that a killed start left empty is filled."""
    path.parent.mkdir(exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        key = file.read().strip()
        if not key:
            key = secrets.token_urlsafe(48)
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
    return key
