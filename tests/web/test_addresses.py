"""What the web process needs, and what it says where it is missing."""

import pytest
from pydantic import SecretStr

from bot.addresses import probe_settings, require_shared_key, web_settings
from bot.processes import web as web_command
from bot.settings import BadSettings, Settings, load_settings


def _settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)


GOOD = {"public_url": "https://bots.example.com/", "webhook_secret": SecretStr("a-secret-of-16-ch")}


def test_by_default_it_listens_to_this_machine_only() -> None:
    found = web_settings(_settings(**GOOD))
    assert (found.host, found.port, found.public_url) == ("127.0.0.1", 8000, "https://bots.example.com")
    assert web_settings(_settings(**GOOD), host="0.0.0.0").host == "0.0.0.0"
    assert web_settings(_settings(**GOOD, host="::", port=5000)).port == 5000


def test_both_missing_names_are_told() -> None:
    with pytest.raises(BadSettings) as refused:
        web_settings(_settings())
    assert [line.partition(":")[0] for line in str(refused.value).splitlines()] == ["PUBLIC_URL", "WEBHOOK_SECRET"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("public_url", "bots.example.com"),
        ("public_url", "ftp://bots.example.com"),
        ("public_url", "https://"),
        ("public_url", "http://bots.example.com"),
        ("public_url", "https://bots.example.com/?a=b"),
        ("webhook_secret", SecretStr("short")),
        ("webhook_secret", SecretStr("with spaces in between")),
        ("webhook_secret", SecretStr("x" * 257)),
        ("webhook_secret", SecretStr("секретсекретсекрет")),
    ],
)
def test_a_bad_value_is_told_by_its_name_alone(name: str, value: object) -> None:
    with pytest.raises(BadSettings) as refused:
        web_settings(_settings(**GOOD | {name: value}))
    assert str(refused.value).startswith(f"{name.upper()}: ")
    assert "секрет" not in str(refused.value)
    assert "example" not in str(refused.value) or "like https://bots.example.com" in str(refused.value)


def test_a_bot_api_server_of_ones_own_may_post_to_http() -> None:
    own = _settings(**GOOD | {"public_url": "http://127.0.0.1:8000", "telegram_api_url": "http://127.0.0.1:8081"})
    assert web_settings(own).public_url == "http://127.0.0.1:8000"


def test_probes_beside_the_worker_are_a_choice() -> None:
    assert probe_settings(_settings()) is None
    found = probe_settings(_settings(metrics_port=9100, metrics_token=SecretStr("t")))
    assert found is not None
    assert (found.host, found.port, found.metrics_token) == ("127.0.0.1", 9100, "t")


def test_processes_apart_need_one_key() -> None:
    server = SecretStr("postgresql://user:password@host/name")
    require_shared_key(_settings())
    require_shared_key(_settings(database_url=server, secret_key=SecretStr("0123456789abcdef")))
    with pytest.raises(BadSettings, match=r"^SECRET_KEY: "):
        require_shared_key(_settings(database_url=server))


async def test_the_command_refuses_to_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.processes.set_up_logs", lambda level: None)
    for name in ("PUBLIC_URL", "WEBHOOK_SECRET"):
        monkeypatch.delenv(name, raising=False)
    assert await web_command(None) == 2
    said = capsys.readouterr().err
    assert "PUBLIC_URL" in said
    assert "WEBHOOK_SECRET" in said


def test_a_secret_may_come_from_a_file(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "token").write_text("from-a-file\n")
    found = load_settings({"METRICS_TOKEN_FILE": str(tmp_path / "token")})
    assert found.metrics_token is not None
    assert found.metrics_token.get_secret_value() == "from-a-file"
