"""One frozen Settings object; the environment, systemd's credentials and .env are read here and nowhere else."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, unquote, urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from salesbot.dialog.model import Timing
from salesbot.errors import SettingsError

_PROXY = "like socks5://user:password@host:1080, with signs like @ in a password written as %40, in Latin letters alone"

HELP: Mapping[str, str] = {
    "API_ID": "a number; get it at https://my.telegram.org → API development tools",
    "API_HASH": "32 hexadecimal digits; get it at https://my.telegram.org → API development tools",
    "BOT_TOKEN": "like 123456:ABC…; @BotFather gives it",
    "ADMIN_TELEGRAM_ID": "your numeric Telegram id, several separated by commas; @userinfobot tells it",
    "OPENROUTER_API_KEY": "create one at https://openrouter.ai/settings/keys",
    "DATABASE_URL": "like postgresql://user:password@localhost:5432/sales_bot",
    "LOG_LEVEL": "TRACE, DEBUG, INFO, WARNING, ERROR or CRITICAL",
    "LOG_FORMAT": "text or json",
    "LOG_RETENTION_DAYS": "a number of days, 1 or more",
    "HEARTBEAT_URL": "an address like https://hc-ping.com/…; the service that watches over you gives it",
    "HEARTBEAT_SECONDS": "a number of seconds, 1 or more",
    "METRICS_PORT": "a port like 9464, or 0 for none",
    "BACKUP_RECIPIENT": "a public key like age1…, several separated by commas; age-keygen makes one",
    "BACKUP_KEEP": "two numbers, like 7,4: backups of so many days, and of so many weeks",
    "LLM_BASE_URL": "an address like https://openrouter.ai/api/v1",
    "LLM_MODELS": "names of models, separated by commas",
    "BOT_API_URL": "an address like https://api.telegram.org",
    "TELEGRAM_SERVER": "like 127.0.0.1:443",
    "TELEGRAM_PROXY": _PROXY,
    "BOT_PROXY": _PROXY,
    "WARM_UP": "numbers of new conversations, like 5,10,15,20: for the account's first day, its second …",
    "ADMIN_LANG": "ru or en",
    "SECRET_KEY": "made by `python -m salesbot login`, or set SECRET_KEY_FILE to the file that holds it",
}

ADDRESS = r"^https?://[^\s/]+"
PROXY = r"^(socks5|socks4|http)://([^@\s]+@)?[^@\s/]+:\d+/?$"


class Settings(BaseSettings):
    """Every setting of the product. Names in the environment are the field names in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    api_id: int = Field(gt=0)
    api_hash: SecretStr = Field(min_length=1)
    bot_token: SecretStr
    admin_telegram_id: Annotated[tuple[int, ...], NoDecode] = Field(min_length=1)
    openrouter_api_key: SecretStr = Field(min_length=1)
    database_url: SecretStr = SecretStr("postgresql://localhost:5432/sales_bot")
    log_level: str = Field("INFO", pattern=r"^(TRACE|DEBUG|INFO|WARNING|ERROR|CRITICAL)$")
    log_file: Path = Path("/var/log/sales_bot/app.log")
    log_format: str = Field("text", pattern=r"^(text|json)$")
    log_retention_days: int = Field(30, ge=1)

    heartbeat_url: SecretStr | None = None
    heartbeat_seconds: float = Field(60.0, ge=1)
    metrics_port: int = Field(0, ge=0, le=65535)

    secret_key: SecretStr | None = None
    secret_key_file: Path | None = None

    llm_base_url: str = Field("https://openrouter.ai/api/v1", pattern=ADDRESS)
    llm_models: Annotated[tuple[str, ...], NoDecode] = Field(
        ("openai/gpt-5-mini", "anthropic/claude-haiku-4.5"), min_length=1
    )
    llm_timeout: float = Field(60.0, gt=0)
    llm_max_tokens: int = Field(1200, gt=0)
    llm_concurrency: int = Field(20, gt=0)

    bot_api_url: str = Field("https://api.telegram.org", pattern=ADDRESS)
    telegram_server: str | None = Field(None, pattern=r"^.+:\d+$")
    telegram_server_dc: int = 2
    telegram_server_key: Path | None = None
    telegram_proxy: str | None = Field(None, pattern=PROXY)
    bot_proxy: str | None = Field(None, pattern=PROXY)

    scenario: str = "sales"
    scenarios_dir: Path | None = None
    answer_strangers: bool = False
    disclosure: bool = True
    first_contact_preview: bool = True
    draft_hours: float = Field(24.0, gt=0)
    require_basis: bool = False
    new_dialogs_per_day: int = Field(30, ge=0)
    warm_up: Annotated[tuple[int, ...], NoDecode] = (5, 10, 15, 20)
    handoff_reminder_minutes: float = Field(15.0, ge=0)
    handoff_apology_minutes: float = Field(60.0, ge=0)
    takeover_hours: float = Field(12.0, ge=0)
    budget_per_dialog: Decimal = Field(Decimal(1), ge=0, allow_inf_nan=False)
    budget_per_day: Decimal = Field(Decimal(20), ge=0, allow_inf_nan=False)
    retention_days: int = Field(0, ge=0)
    admin_lang: str | None = Field(None, pattern=r"^(ru|en)$")

    backup_dir: Path = Path("/var/backups/sales_bot")
    backup_recipient: Annotated[tuple[str, ...], NoDecode] = ()
    backup_keep: Annotated[tuple[int, ...], NoDecode] = Field((7, 4), min_length=2, max_length=2)

    debounce_seconds: float = Field(4.0, ge=0)
    debounce_cap_seconds: float = Field(20.0, ge=0)
    read_delay_seconds: float = Field(1.0, ge=0)
    typing_seconds_per_char: float = Field(0.06, ge=0)
    typing_min_seconds: float = Field(1.0, ge=0)
    typing_max_seconds: float = Field(9.0, ge=0)
    part_pause_seconds: float = Field(1.2, ge=0)
    part_max_age_seconds: float = Field(900.0, gt=0)

    @field_validator("admin_telegram_id", "warm_up", "backup_keep", mode="before")
    @classmethod
    def _numbers(cls, value: object) -> object:
        return tuple(int(part) for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("warm_up", "backup_keep")
    @classmethod
    def _at_least_none(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if any(day < 0 for day in value):
            raise ValueError("less than none")
        return value

    @field_validator("llm_models", "backup_recipient", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("backup_recipient")
    @classmethod
    def _public(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not re.match(r"age1[0-9a-z]+$|ssh-\S+ \S+", one) for one in value):
            raise ValueError("not a public key")  # perhaps the key itself, which has no place on a server
        return value

    @field_validator("bot_token")
    @classmethod
    def _token(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"\d+:[\w-]+", value.get_secret_value()):
            raise ValueError("not a bot's token")
        return value

    @field_validator("heartbeat_url")
    @classmethod
    def _address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.match(ADDRESS, value.get_secret_value()):
            raise ValueError("not an address")
        return value

    @field_validator("database_url")
    @classmethod
    def _dsn(cls, value: SecretStr) -> SecretStr:
        if not re.match(r"postgres(ql)?://", value.get_secret_value()):
            raise ValueError("not a PostgreSQL URL")
        url = urlsplit(value.get_secret_value())
        # A password with a bare / # or ? ends up in the port or the name of the database, and so in messages.
        _ = [urlsplit(f"//{host}").port for host in url.netloc.rpartition("@")[2].split(",")]
        if "@" in url.path:
            raise ValueError("no name of a database")
        return value

    @field_validator("telegram_proxy", "bot_proxy")
    @classmethod
    def _proxy(cls, value: str | None) -> str | None:
        if value and not (urlsplit(value).port and unquote(value).isascii()):  # a port beyond the last raises by itself
            raise ValueError("not a proxy")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _consistent(self) -> Settings:
        if self.debounce_cap_seconds < self.debounce_seconds:
            raise ValueError("DEBOUNCE_CAP_SECONDS is smaller than DEBOUNCE_SECONDS")
        if self.telegram_server and not self.telegram_server_key:
            raise ValueError("TELEGRAM_SERVER needs TELEGRAM_SERVER_KEY, the file with that server's public key")
        return self

    @property
    def timing(self) -> Timing:
        return Timing(
            debounce=self.debounce_seconds,
            debounce_cap=self.debounce_cap_seconds,
            read_delay=self.read_delay_seconds,
            typing_per_char=self.typing_seconds_per_char,
            typing_min=self.typing_min_seconds,
            typing_max=self.typing_max_seconds,
            between_parts=self.part_pause_seconds,
            part_max_age=self.part_max_age_seconds,
        )

    @property
    def secrets(self) -> frozenset[str]:
        """What must never appear in a log, also as it would stand in an address; parts of a URL beside the whole."""
        keys = [self.api_hash, self.bot_token, self.openrouter_api_key, self.database_url, self.heartbeat_url]
        plain = {key.get_secret_value() for key in keys if key is not None}
        ring = self.secret_key.get_secret_value() if self.secret_key else ""
        plain |= set(keys_in(ring))
        found = re.findall(r"://[^:@/]*:(.+)@|[?&]password=([^&]+)", self.database_url.get_secret_value())
        # A name alone may be a token there.
        for url in (self.llm_base_url, self.bot_api_url, self.telegram_proxy, self.bot_proxy):
            found += re.findall(r"://(?:[^:@/]*:)?(.+)@|[?&]password=([^&]+)", url or "")
        plain |= {text for groups in found for part in groups for text in (part, unquote(part))}
        return frozenset(form for one in plain if one for form in (one, quote(one, safe="")))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)  # load() reads the environment once and says what is wrong with it


def keys_in(text: str) -> tuple[str, ...]:
    """The keys in SECRET_KEY or its file: one a line, or separated by commas."""
    return tuple(part.strip() for line in text.splitlines() for part in line.split(",") if part.strip())


STAND_INS: Mapping[str, str] = {
    "API_ID": "1",
    "API_HASH": "none",
    "BOT_TOKEN": "1:none",
    "ADMIN_TELEGRAM_ID": "1",
    "OPENROUTER_API_KEY": "none",
}
"""What is missing where nobody calls Telegram: enough for a rehearsal."""


def load(
    environ: Mapping[str, str] | None = None, env_file: Path = Path(".env"), *, rehearsal: bool = False
) -> Settings:
    """Read the environment over systemd's credentials or ``.env``. A ``rehearsal`` needs none of them.

    An empty value counts as missing. Raises ``SettingsError``: its message lists every problem and how to mend it.
    """
    return checked(_values(environ, env_file), STAND_INS if rehearsal else {})


def checked(values: Mapping[str, str | None], stand_ins: Mapping[str, str] = STAND_INS) -> Settings:
    """Settings out of values by name, with ``stand_ins`` for what is missing. Raises ``SettingsError``."""
    known = {name: values.get(name.upper()) or stand_ins.get(name.upper()) for name in Settings.model_fields}
    try:
        return Settings(**{name: value for name, value in known.items() if value not in (None, "")})  # type: ignore[arg-type]
    except ValidationError as exc:
        raise SettingsError(_explain(exc)) from None


TO_REACH_ADMINS = ("BOT_TOKEN", "ADMIN_TELEGRAM_ID", "BOT_API_URL", "ADMIN_LANG")


def to_reach_admins(environ: Mapping[str, str] | None = None, env_file: Path = Path(".env")) -> Settings:
    """Enough to write to the admins that something has failed: what else is set may be the very thing that is wrong."""
    values = _values(environ, env_file)
    stand_ins = {name: value for name, value in STAND_INS.items() if name not in TO_REACH_ADMINS}
    return checked({name: values.get(name) for name in TO_REACH_ADMINS}, stand_ins)


def scenarios_dir(environ: Mapping[str, str] | None = None, env_file: Path = Path(".env")) -> Path | None:
    """``SCENARIOS_DIR`` alone: a scenario is written and checked before the other settings are known."""
    value = _values(environ, env_file).get("SCENARIOS_DIR")
    return Path(value) if value else None


def file() -> Path:
    """The file of settings in use, there or not: the one that systemd hands over, or .env."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return Path(folder, "env") if folder else Path(".env")


def in_file(path: Path) -> Mapping[str, str | None]:
    """What a file like .env says; nothing when there is none. Raises ``SettingsError`` when it cannot be read."""
    try:
        return dotenv_values(path, interpolate=False)
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"The settings in {path} cannot be read: {exc}") from exc


def _values(environ: Mapping[str, str] | None, env_file: Path) -> Mapping[str, str | None]:
    environment = os.environ if environ is None else environ
    folder = environment.get("CREDENTIALS_DIRECTORY")
    return {**(_handed_over(Path(folder), env_file) if folder else in_file(env_file)), **environment}


def _handed_over(folder: Path, env_file: Path) -> Mapping[str, str | None]:
    """systemd's credentials (LoadCredential=): ``env``, in the place of .env, and files that are called as one setting.

    Where there is ``env``, no .env is read: of whatever folder a command is called in, it may be another program's.
    """
    try:
        single = {
            name: path.read_text("utf-8").strip()
            for name in map(str.upper, Settings.model_fields)
            if (path := folder / name).is_file()
        }
        whole = folder / "env"
        return {**in_file(whole if whole.is_file() else env_file), **single}
    except OSError as exc:
        raise SettingsError(f"The settings in {folder} cannot be read: {exc}") from exc


def _explain(exc: ValidationError) -> str:
    lines = ["The settings are not complete (environment or .env):"]
    for error in exc.errors(include_input=False, include_url=False):
        name = str(error["loc"][0]).upper() if error["loc"] else ""
        missing, help_ = error["type"] == "missing", HELP.get(name, "")
        why = "" if help_ else f" ({error['msg']})"  # what pydantic says is for programmers
        what = "is missing" if missing else f"is not valid{why}"
        line = f"  {name} {what}" if name else f"  {error['msg'].removeprefix('Value error, ')}"
        lines.append(line + (f": {help_}" if help_ else ""))
    return "\n".join(lines)
