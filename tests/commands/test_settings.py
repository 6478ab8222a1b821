"""Settings are refused by name, and never show what they hold."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot import settings as module
from bot.build import build_bots
from bot.settings import BadSettings, Settings, load_settings, secret_key

EXAMPLE = Path(__file__).parents[2] / ".env.example"
TOKENS = {"CUSTOMER_BOT_TOKEN": "1:customer-token", "STAFF_BOT_TOKEN": "2:staff-token"}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder and an environment without the product's names."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"CUSTOMER_BOT_TOKEN": "1:planted"}, "STAFF_BOT_TOKEN go together"),
        ({"TIMEZONE": "Mars/planted"}, "TIMEZONE: is not a time zone"),
        ({"DEFAULT_REGION": "planted"}, "DEFAULT_REGION: is not a country"),
        ({"LANGUAGE": "planted"}, "LANGUAGE: is one of: ru, en"),
        ({"SMS_GATEWAY": "planted"}, "SMS_GATEWAY: is one of: console, smsaero"),
        ({"LOG_LEVEL": "planted"}, "LOG_LEVEL: is one of: debug, info, warning, error"),
        ({"PORT": "planted"}, "PORT: is not a whole number"),
        ({"PORT": "80.5"}, "PORT: is not a whole number"),
        ({"PORT": "-1"}, "PORT: can't be below 0"),
        ({"SIMULATOR_PORT": "65536"}, "SIMULATOR_PORT: can't be above 65535"),
        ({"SMS_GATEWAY": "smsaero"}, "needs SMSAERO_EMAIL and SMSAERO_API_KEY"),
        ({"DATABASE_URL": "mysql://planted"}, "DATABASE_URL: begins with"),
        (
            {"DATABASE_URL": "postgresql://user:planted/x@host/name"},
            "DATABASE_URL: can't be read; in a user or password",
        ),
        (
            {"DATABASE_URL": "postgresql://user:[planted@host/name"},
            "DATABASE_URL: can't be read; in a user or password",
        ),
        ({"REDIS_URL": "planted:6379"}, "REDIS_URL: begins with redis://"),
        ({"SECRET_KEY": "planted"}, "SECRET_KEY: needs at least 16 characters"),
        (
            {"CUSTOMER_BOT_TOKEN_FILE": "/nowhere/at/all", **TOKENS},
            "CUSTOMER_BOT_TOKEN_FILE: the file can't be read",
        ),
    ],
)
def test_bad_values_are_named_and_not_shown(
    given: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings) as refused:
        load_settings()
    assert says in str(refused.value)
    assert "planted" not in str(refused.value)


@pytest.mark.parametrize("token", ["planted", "a:planted", "1:"])
def test_a_token_of_another_form_is_named_and_not_shown(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER_BOT_TOKEN", TOKENS["CUSTOMER_BOT_TOKEN"])
    monkeypatch.setenv("STAFF_BOT_TOKEN", token)
    with pytest.raises(BadSettings) as refused:
        build_bots(load_settings())
    assert str(refused.value).startswith("STAFF_BOT_TOKEN")
    assert "planted" not in str(refused.value)


def test_one_bot_is_not_two(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TOKENS:
        monkeypatch.setenv(name, "7:the-same")
    with pytest.raises(BadSettings, match="two different bots"):
        build_bots(load_settings())


def test_secrets_come_from_files_too(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in TOKENS.items():
        (elsewhere / name).write_text(f"{value}\n")
        monkeypatch.setenv(f"{name}_FILE", str(elsewhere / name))
    found = load_settings()
    assert found.customer_bot_token is not None
    assert found.customer_bot_token.get_secret_value() == TOKENS["CUSTOMER_BOT_TOKEN"]
    assert not found.is_demo
    assert "token" not in repr(found).replace("_token", "")


def test_files_of_secrets_may_be_named_in_the_env_file(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = []
    for name, value in TOKENS.items():
        (elsewhere / name).write_text(f"{value}\n")
        lines.append(f"{name}_FILE={elsewhere / name}")
    (elsewhere / "url").write_text("postgresql://user:planted@host/name")
    lines.append(f"DATABASE_URL_FILE={elsewhere / 'url'}")
    (elsewhere / ".env").write_text("\n".join(lines))
    found = load_settings()
    assert found.customer_bot_token is not None
    assert found.customer_bot_token.get_secret_value() == TOKENS["CUSTOMER_BOT_TOKEN"]
    assert found.database() == "postgresql://user:planted@host/name"
    monkeypatch.setenv("DATABASE_URL", "sqlite:///trial.db")
    assert load_settings().database() == "sqlite:///trial.db"


def test_an_empty_file_of_a_secret_is_as_none(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "nothing").write_text("\n")
    monkeypatch.setenv("SMSRU_API_ID_FILE", str(elsewhere / "nothing"))
    monkeypatch.setenv("SMSRU_API_ID", "an-id")
    monkeypatch.setenv("SECRET_KEY_FILE", str(elsewhere / "nothing"))
    found = load_settings()
    assert found.smsru_api_id is not None
    assert found.smsru_api_id.get_secret_value() == "an-id"
    assert found.secret_key is None


def test_a_file_of_a_secret_that_is_no_text_is_named(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "bytes").write_bytes(b"\xff\xfe")
    monkeypatch.setenv("SECRET_KEY_FILE", str(elsewhere / "bytes"))
    with pytest.raises(BadSettings, match="SECRET_KEY_FILE: the file can't be read"):
        load_settings()


def test_the_secret_key_is_made_once_for_its_owner_only(elsewhere: Path) -> None:
    made = secret_key(load_settings())
    assert secret_key(load_settings()) == made
    assert len(made) >= module._SHORTEST_KEY
    assert (elsewhere / "var" / "secret.key").stat().st_mode & 0o077 == 0


def test_a_start_that_was_cut_off_or_overtaken_leaves_no_empty_key(elsewhere: Path) -> None:
    file = elsewhere / "var" / "secret.key"
    file.parent.mkdir()
    file.touch(0o600)  # made by another process, or by one that was killed before it wrote
    with ThreadPoolExecutor() as pool:
        keys = set(pool.map(secret_key, [load_settings()] * 8))
    assert keys == {file.read_text()}
    assert len(file.read_text()) >= module._SHORTEST_KEY
    file.write_text("half")
    with pytest.raises(BadSettings, match=r"secret\.key: holds no whole key"):
        secret_key(load_settings())


def test_without_tokens_it_is_a_demonstration_with_a_database_of_its_own() -> None:
    found = load_settings()
    assert found.is_demo
    assert found.database() == "sqlite:///var/demo.db"


def test_every_setting_is_explained() -> None:
    explained = set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE.read_text("utf-8"), re.MULTILINE))
    assert explained == {name.upper() for name in Settings.model_fields}


def test_names_that_mean_nothing_are_told_with_the_nearest_one(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (elsewhere / ".env").write_text(
        "# COMMENT=1\nCUSTMER_BOT_TOKEN=1:planted\nexport LANGUAGE=en\n"
        "  time_zone = Europe/Moscow\nXYZZY=planted\nSECRET_KEY_FILE=\n",
        "utf-8",
    )
    assert load_settings({}).language == "en"
    said = capsys.readouterr().err
    assert said.splitlines() == [
        ".env: CUSTMER_BOT_TOKEN is no setting and does nothing; did you mean CUSTOMER_BOT_TOKEN?",
        ".env: time_zone is no setting and does nothing; did you mean TIMEZONE?",
        ".env: XYZZY is no setting and does nothing.",
    ]


def test_the_example_names_settings_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert module.strangers(EXAMPLE) == []
