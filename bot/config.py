"""Settings: read once, from the environment and from secret files; a misspelt name is refused."""

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.failpoints import Failpoints

PREFIX: Final = "KHAOSAT_"
SECRET_MIN: Final = 16  # characters of the webhook's secret
KEY_MIN: Final = 32  # characters of the signing key
KEY_VARIED: Final = 8
SECRET_VARIED: Final = 6
_TOKEN: Final = re.compile(r"\d{1,20}:[\w-]+", re.ASCII)  # core.telegram.org/bots/api#authorizing-your-bot
_DATABASES: Final = ("sqlite:///", "postgresql://")
SECRETS: Final = frozenset({"telegram_token", "telegram_webhook_secret", "signing_key", "database_url"})


class BadSettings(Exception):
    """The settings cannot be used: `problems` holds (setting, what is wrong), all at once."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{name}: {words}" for name, words in problems))


def _no_slash(url: str) -> str:
    return url.rstrip("/")


class Settings(BaseSettings):
    """Everything that can be set. Each is `KHAOSAT_<NAME>`; a secret may also be a file, `KHAOSAT_<NAME>_FILE`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `read_settings` hands over: it is the one place that looks at the environment."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    # Where things are kept
    data_dir: Path = Field(Path("data"), description="Folder of the database, files sent by people and the lock.")
    database_url: SecretStr = Field(
        SecretStr(""), description="postgresql://…; empty: khaosat.sqlite in the data folder."
    )
    free_min_mb: int = Field(
        500, ge=0, le=1_000_000, description="Refuse to start with less free disk than this, in MB."
    )

    # The web
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0: any free one.")
    base_url: Annotated[str, AfterValidator(_no_slash)] = Field(
        "", description="Address people reach us at, https://…; empty: http://host:port."
    )
    upload_max_mb: int = Field(20, ge=1, le=50, description="Largest file a person may send, in MB.")
    staff_idle_min: int = Field(
        60, ge=5, le=480, description="Minutes without a click after which staff sign in again."
    )
    trust_proxy: bool = Field(False, description="Believe X-Forwarded-For: only behind a proxy of yours.")

    # The programme
    programme_name: str = Field(
        "Chương trình hỗ trợ khởi nghiệp đổi mới sáng tạo Hà Nội",
        min_length=1,
        max_length=200,
        description="Who collects the answers; stands in the consent.",
    )
    programme_contact: str = Field(
        "khaosat@example.vn",
        min_length=3,
        max_length=200,
        description="Where people write to see, correct or delete their data.",
    )
    retention: str = Field(
        "24 tháng",
        min_length=1,
        max_length=100,
        description="How long answers are kept, in words; stands in the consent.",
    )
    retention_en: str = Field("24 months", min_length=1, max_length=100, description="The same in English.")
    language: Literal["vi", "en"] = Field("vi", description="Language of commands, logs and the staff chat.")
    draft_days: int = Field(
        30,
        ge=0,
        le=365,
        description="Days without a word after which an unfinished form is closed, its answers kept; 0: never.",
    )
    flows_dir: Path | None = Field(
        None,
        description="Folder of further flows (.yaml, .xlsx, .xls, or a form in a .csv) to publish at start; empty: the samples only.",
    )
    samples: bool = Field(True, description="Publish the sample flows at start.")

    # Telegram
    telegram_token: SecretStr = Field(SecretStr(""), description="The bot's token from @BotFather; empty: no Telegram.")
    telegram_base_url: Annotated[str, AfterValidator(_no_slash)] = Field(
        "https://api.telegram.org", description="Address of the Bot API: a self-hosted one, or a test's."
    )
    telegram_mode: Literal["polling", "webhook"] = Field("polling", description="How updates come.")
    telegram_sends_per_s: int = Field(
        30,
        ge=0,
        le=1000,
        description="Messages a second that this bot may send; 1000 with paid broadcasts; 0: no pace at all, for measurements.",
    )
    telegram_webhook_secret: SecretStr = Field(
        SecretStr(""), description="16-256 letters, digits, _ or -; webhook mode needs it."
    )
    telegram_staff_chat: str = Field(
        "", pattern=r"^(-?\d{1,20}|@\w{4,64})?$", description="Chat that hears of submissions, masked; empty: none."
    )
    telegram_staff_topic: int | None = Field(None, ge=1, description="Topic (message_thread_id) in that chat.")

    flood_per_min: int = Field(
        20,
        ge=0,
        le=10_000,
        description="Messages a minute from one chat that lead nowhere and are still replied to; 0: any number.",
    )

    # Staff notices
    notice_detail: Literal["summary", "reference"] = Field(
        "summary", description="What a notice tells: the masked summary, or the receipt number and a link only."
    )
    notices_per_min: int = Field(
        5, ge=1, le=20, description="Single notices a minute; more are gathered into a digest."
    )
    digest_every_min: int = Field(10, ge=1, le=1440, description="Minutes between two digests.")

    # Copies
    backup_dir: Path | None = Field(
        None, description="Folder on another disk for copies of the SQLite database; empty: none are made."
    )
    backup_every_min: int = Field(15, ge=1, le=1440, description="Minutes between two copies; the newest 96 are kept.")
    backup_recipient: str = Field(
        "",
        pattern=r"^(age1[02-9ac-hj-np-z]{58})?$",
        description="Public key, age1…, to which copies are encrypted (`khaosat backup-key` makes one); empty: they are not.",
    )

    # Secrets and logs
    signing_key: SecretStr = Field(
        SecretStr(""),
        description="At least 32 characters, not all alike; signs buttons and sessions. Empty: made once and kept in the data folder.",
    )
    log_format: Literal["console", "json"] = Field("console", description="How logs look.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much is logged.")
    failpoint: str = Field("", description="For tests: die at this named point.")

    @model_validator(mode="after")
    def _agrees(self) -> "Settings":
        if self.telegram_mode == "webhook" and self.telegram_token.get_secret_value():
            secret = self.telegram_webhook_secret.get_secret_value()
            if not secret:
                raise ValueError("telegram_webhook_secret is needed for webhook mode")
            if len(secret) < SECRET_MIN or len(set(secret)) < SECRET_VARIED:
                raise ValueError(
                    f"telegram_webhook_secret must have at least {SECRET_MIN} characters, {SECRET_VARIED} of them different: "
                    "whoever guesses it can post updates; `openssl rand -hex 16` makes one"
                )
            if not self.base_url.startswith("https://") and "127.0.0.1" not in self.telegram_base_url:
                raise ValueError("base_url must be https:// for webhook mode")
        key = self.signing_key.get_secret_value()
        if key and (len(key) < KEY_MIN or len(set(key)) < KEY_VARIED):
            raise ValueError(
                f"signing_key must have at least {KEY_MIN} characters, {KEY_VARIED} of them different: whoever guesses it can "
                "forge buttons and sign in; leave it empty and one is made, or make one with `openssl rand -hex 32`"
            )
        token = self.telegram_token.get_secret_value()
        if token and not _TOKEN.fullmatch(token):
            raise ValueError("telegram_token is none: it reads 123456:ABC…, as @BotFather shows it")
        url = self.database_url.get_secret_value()
        if url and not url.startswith(_DATABASES):
            raise ValueError(f"database_url must begin with {' or '.join(_DATABASES)}")
        if self.flows_dir is not None and not self.flows_dir.is_dir():
            raise ValueError(f"flows_dir is no folder: {self.flows_dir}")
        Failpoints(self.failpoint)  # raises for a point that is not there
        return self

    @property
    def url(self) -> str:
        """Where people reach us."""
        return self.base_url or f"http://{self.host}:{self.port}"

    @property
    def database(self) -> str:
        """The database's address."""
        return self.database_url.get_secret_value() or f"sqlite:///{(self.data_dir / 'khaosat.sqlite').absolute()}"

    @property
    def web_base_url(self) -> str:
        """The same as `url`: what links are built from, never a Host header."""
        return self.url


def read_settings(environ: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """The settings of this process.

    Args:
        environ: instead of `os.environ`.
        given: set by the command line or a test; wins.

    Raises:
        BadSettings: a name is misspelt, a value out of bounds, a secret file unreadable. All problems at once.
    """
    env = dict(os.environ if environ is None else environ)
    problems: list[tuple[str, str]] = []
    values: dict[str, Any] = {}
    for name, value in env.items():
        if not name.upper().startswith(PREFIX):
            continue
        field = name.upper().removeprefix(PREFIX).lower()
        if field in _FOR_TESTS:
            continue
        if field.endswith("_file") and field.removesuffix("_file") in SECRETS:
            read = _secret(name, value, problems)
            if read is not None:
                values[field.removesuffix("_file")] = read
        elif field in Settings.model_fields:
            values[field] = value
        else:
            near = get_close_matches(field, Settings.model_fields, n=1)
            problems.append(
                (name, f"no such setting; did you mean {PREFIX}{near[0].upper()}?" if near else "no such setting")
            )
    try:
        settings = Settings.model_validate({**values, **given})
    except ValidationError as error:
        for one in error.errors(include_input=False, include_url=False):
            field = ".".join(str(part) for part in one["loc"])
            problems.append((PREFIX + field.upper() if field else "settings", one["msg"].removeprefix("Value error, ")))
        raise BadSettings(problems) from None
    if problems:
        raise BadSettings(problems)
    return settings


_FOR_TESTS: Final = frozenset(
    {"shared", "test_postgres", "require_postgres", "require_browser", "require_compiler"}
)  # the suite's own


def _secret(name: str, path: str, problems: list[tuple[str, str]]) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problems.append((name, f"cannot be read: {type(error).__name__}"))
        return None


def masked(settings: Settings) -> list[tuple[str, str, str]]:
    """(setting, value, what it is) of all settings, secrets as stars."""
    rows = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            told = "********" if value.get_secret_value() else ""
        else:
            told = "" if value is None else str(value)
        rows.append((PREFIX + name.upper(), told, field.description or ""))
    return rows
