"""Settings: everything that is wrong is said at once, with the way to mend it; nothing secret is repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesbot.errors import SettingsError
from salesbot.keys import KeyRing
from salesbot.settings import HELP, load

NOWHERE = Path("/nonexistent/.env")
GOOD = {
    "API_ID": "12345",
    "API_HASH": "0123456789abcdef0123456789abcdef",
    "BOT_TOKEN": "123456:AAbbCC-dd_ee",
    "ADMIN_TELEGRAM_ID": "11, 22",
    "OPENROUTER_API_KEY": "sk-or-canary",
}


def test_the_needed_ones_are_enough() -> None:
    settings = load(GOOD, NOWHERE)
    assert settings.admin_telegram_id == (11, 22)
    assert settings.database_url.get_secret_value() == "postgresql://localhost:5432/sales_bot"
    assert settings.log_level == "INFO"
    assert settings.log_file == Path("/var/log/sales_bot/app.log")
    assert settings.answer_strangers is False
    assert settings.disclosure is True
    assert (settings.new_dialogs_per_day, settings.warm_up) == (30, (5, 10, 15, 20))
    assert (settings.budget_per_dialog, settings.budget_per_day) == (1, 20)
    assert (settings.takeover_hours, settings.retention_days) == (12, 0)
    assert (settings.first_contact_preview, settings.draft_hours) == (True, 24)
    assert (settings.timing.debounce, settings.timing.debounce_cap) == (4.0, 20.0)


def test_all_that_is_missing_is_said_at_once_with_where_to_get_it() -> None:
    with pytest.raises(SettingsError) as caught:
        load({}, NOWHERE)
    said = str(caught.value)
    for name in GOOD:
        assert f"{name} is missing: {HELP[name]}" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_ID", "abc"),
        ("API_ID", "-1"),
        ("BOT_TOKEN", "not-a-token"),
        ("ADMIN_TELEGRAM_ID", "@me"),
        ("ADMIN_TELEGRAM_ID", " , "),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
        ("LOG_RETENTION_DAYS", "0"),
        ("HEARTBEAT_URL", "hc-ping.com/canary"),
        ("HEARTBEAT_SECONDS", "0"),
        ("METRICS_PORT", "65536"),
        ("LLM_TIMEOUT", "0"),
        ("LLM_MODELS", ","),
        ("LLM_BASE_URL", "openrouter.ai"),
        ("BOT_API_URL", "localhost"),
        ("TELEGRAM_SERVER", "no-port"),
        ("DEBOUNCE_SECONDS", "-4"),
        ("ADMIN_LANG", "de"),
        ("WARM_UP", "5,many"),
        ("WARM_UP", "5,-1"),
        ("NEW_DIALOGS_PER_DAY", "-1"),
        ("BUDGET_PER_DAY", "NaN"),
        ("RETENTION_DAYS", "-1"),
        ("DATABASE_URL", "mysql://localhost/sales_bot"),
        ("TELEGRAM_PROXY", "ftp://host:21"),
        ("TELEGRAM_PROXY", "socks5://host"),
    ],
)
def test_a_malformed_value_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is not valid"):
        load({**GOOD, name: value}, NOWHERE)


def test_a_malformed_value_is_explained_in_plain_words() -> None:
    with pytest.raises(SettingsError) as caught:
        load({**GOOD, "API_ID": "abc", "ADMIN_TELEGRAM_ID": "@me", "LOG_LEVEL": "LOUD"}, NOWHERE)
    said = str(caught.value)
    assert f"API_ID is not valid: {HELP['API_ID']}" in said
    assert "ADMIN_TELEGRAM_ID is not valid: your numeric Telegram id" in said
    assert "LOG_LEVEL is not valid: TRACE, DEBUG, INFO" in said


def test_values_are_never_repeated_in_the_complaint() -> None:
    with pytest.raises(SettingsError) as caught:
        load({**GOOD, "BOT_TOKEN": "canary-token", "API_HASH": "canary-hash", "API_ID": "canary-id"}, NOWHERE)
    assert "canary" not in str(caught.value)


def test_a_cap_shorter_than_the_debounce_makes_no_sense() -> None:
    with pytest.raises(SettingsError, match="DEBOUNCE_CAP_SECONDS is smaller"):
        load({**GOOD, "DEBOUNCE_SECONDS": "30"}, NOWHERE)


def test_a_server_of_ones_own_needs_its_key() -> None:
    with pytest.raises(SettingsError, match="needs TELEGRAM_SERVER_KEY"):
        load({**GOOD, "TELEGRAM_SERVER": "127.0.0.1:443"}, NOWHERE)


def test_the_environment_wins_over_the_file_and_an_empty_value_is_none(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("LOG_LEVEL=debug\nADMIN_LANG=ru\nAPI_ID=7 # seven\nLLM_MODELS=a/b, c/d\n", encoding="utf-8")
    settings = load({**GOOD, "ADMIN_LANG": "", "LOG_LEVEL": "warning"}, file)
    assert (settings.log_level, settings.admin_lang, settings.api_id) == ("WARNING", None, 12345)
    assert settings.llm_models == ("a/b", "c/d")


def test_nothing_in_the_file_is_interpolated(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("DATABASE_URL=postgresql://u:${HOME}@h/db\n", encoding="utf-8")
    assert load(GOOD, file).database_url.get_secret_value() == "postgresql://u:${HOME}@h/db"


def test_secrets_do_not_show_themselves() -> None:
    shown = repr(load(GOOD, NOWHERE))
    for secret in ("0123456789abcdef", "AAbbCC", "canary"):
        assert secret not in shown


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:p/ass-canary@host/db",
        "postgresql://me:5/ass-canary@host/db",
        "postgresql://me:p#ass-canary@host/db",
    ],
)
def test_a_password_that_breaks_the_address_is_refused_before_anybody_quotes_it(url: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL is not valid") as caught:
        load({**GOOD, "DATABASE_URL": url}, NOWHERE)
    assert "canary" not in str(caught.value)


def test_several_hosts_and_sockets_are_addresses_too() -> None:
    for url in (
        "postgresql://me@one:5432,two:5433/db",
        "postgresql:///db?host=/run/postgresql",
        "postgresql://[::1]:5432/db",
    ):
        assert load({**GOOD, "DATABASE_URL": url}, NOWHERE).database_url.get_secret_value() == url


def test_a_users_name_is_no_secret_of_the_database() -> None:
    config = load({**GOOD, "DATABASE_URL": "postgresql://sales_bot@localhost/db"}, NOWHERE)
    assert "sales_bot" not in config.secrets


def test_the_keys_that_are_masked_are_those_that_are_used() -> None:
    keys = ("a" * 32, "b" * 32, "c" * 32)
    ring = f" {keys[0]}\r{keys[1]} ,\n\n{keys[2]}\n"
    assert len(KeyRing(ring).key_ids) == len(keys)
    assert set(keys) <= load({**GOOD, "SECRET_KEY": ring}, NOWHERE).secrets


def test_secrets_are_known_with_every_part_of_an_address_that_is_one() -> None:
    config = load(
        {
            **GOOD,
            "SECRET_KEY": "first-key,second-key",
            "DATABASE_URL": "postgresql://me:data%2Fbase@localhost/db?password=query-one",
            "LLM_BASE_URL": "https://model-token@example.org/v1",
            "TELEGRAM_PROXY": "socks5://me:proxy-one@localhost:1080",
        },
        NOWHERE,
    )
    parts = {"first-key", "second-key", "data%2Fbase", "data/base", "query-one", "model-token", "proxy-one"}
    assert parts <= config.secrets
    assert "postgresql%3A%2F%2Fme%3Adata%252Fbase%40localhost%2Fdb%3Fpassword%3Dquery-one" in config.secrets


# --- what systemd hands over (LoadCredential=)


@pytest.fixture
def handed_over(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "env").write_text("".join(f"{name}='{value}'\n" for name, value in GOOD.items()))
    return {"CREDENTIALS_DIRECTORY": str(tmp_path)}


def test_a_file_that_systemd_hands_over_is_read_as_dotenv_is_and_in_its_place(
    handed_over: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("LOG_LEVEL=DEBUG\nAPI_ID=666\n")
    settings = load(handed_over, tmp_path / ".env")
    assert (settings.api_id, settings.log_level) == (12345, "INFO")


def test_a_setting_may_be_handed_over_in_a_file_of_its_own_and_the_environment_wins(
    handed_over: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "BOT_TOKEN").write_text("654321:from-its-own-file\n")
    (tmp_path / "API_ID").write_text("7\n")
    settings = load({**handed_over, "API_ID": "8"}, NOWHERE)
    assert (settings.api_id, settings.bot_token.get_secret_value()) == (8, "654321:from-its-own-file")


def test_files_of_their_own_stand_over_dotenv_where_nothing_else_is_handed_over(tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "BOT_TOKEN").write_text("654321:from-its-own-file")
    (tmp_path / ".env").write_text("".join(f"{name}='{value}'\n" for name, value in GOOD.items()))
    settings = load({"CREDENTIALS_DIRECTORY": str(folder)}, tmp_path / ".env")
    assert (settings.api_id, settings.bot_token.get_secret_value()) == (12345, "654321:from-its-own-file")


def test_settings_that_cannot_be_read_are_said_to_be_so(handed_over: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "env").write_bytes(b"API_ID=\xff\n")
    with pytest.raises(SettingsError, match="cannot be read"):
        load(handed_over, NOWHERE)
