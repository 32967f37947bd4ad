"""The settings of a master."""

from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from app.settings.files import SettingsError, SettingsModel, load, read_object
from app.settings.keys import KeyId, Secret, SigningKey, is_example, is_loopback

HostId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


def is_base_url(url: str) -> str:
    """The URL without a slash at its end. ValueError unless it is one, without credentials, query and fragment."""
    message = "a URL like http://host:8437 or https://host/base"
    try:
        parts = urlsplit(url)
        usable = parts.port != 0  # reading it refuses what is no port
    except ValueError as error:
        raise ValueError(message) from error
    if not usable or parts.scheme not in {"http", "https"} or not parts.hostname or set("?#@\\") & set(url):
        raise ValueError(message)
    if not url.isprintable() or " " in url:
        raise ValueError(message)
    return url.rstrip("/")


def is_broker_url(url: str) -> str:
    """The URL, if it is one of a Redis. ValueError otherwise; its password is never repeated."""
    message = "a URL like redis://127.0.0.1:6379/0"
    try:
        parts = urlsplit(url)
        usable = parts.port != 0 and (not parts.path.strip("/") or parts.path.strip("/").isdecimal())
    except ValueError as error:
        raise ValueError(message) from error
    if not usable or parts.scheme not in {"redis", "rediss"} or not parts.hostname:
        raise ValueError(message)
    return url


BrokerUrl = Annotated[str, AfterValidator(is_broker_url)]
BaseUrl = Annotated[str, Field(max_length=400), AfterValidator(is_base_url)]


class SlaveEntry(SettingsModel):
    """A host that the master lists."""

    id: HostId
    url: BaseUrl
    label: Annotated[str, Field(max_length=200)] = ""
    read_key: SigningKey
    write_key: SigningKey
    ca_file: str | None = None


class EventKey(SettingsModel):
    """A key with which a slave signs its events."""

    host: HostId
    id: KeyId
    secret: Secret


class MasterSettings(SettingsModel):
    """Everything that a master is told."""

    ROLE: Literal["master"] = "master"
    BIND: str = "127.0.0.1"
    PORT: Annotated[int, Field(ge=1, le=65535)] = 8436
    DATABASE_URL: str = "sqlite:///qman.sqlite"
    CELERY_BROKER_URL: BrokerUrl | None = None
    """Has the hosts read by Celery's workers."""
    COLLECT_INTERVAL_SECONDS: Annotated[int, Field(ge=1, le=86_400)] = 60
    COLLECT_FAST_INTERVAL_SECONDS: Annotated[int, Field(ge=1, le=86_400)] = 10
    EMBEDDED_COLLECTOR: bool = True
    EMBEDDED_CHORES: bool = True
    SLAVES: list[SlaveEntry] = []
    SECRETS_KEY: Secret | None = None
    """Seals the keys of enrolled hosts in the database."""
    SECRETS_KEY_FILE: Annotated[str, Field(min_length=1, max_length=1000)] = "qman-secrets.key"
    """Has that key instead, beside the settings file; it is made where nothing was sealed before."""
    CA_FILES: list[Annotated[str, Field(min_length=1, max_length=1000)]] = []
    """The authorities that a host added in the dashboard may name."""
    SLAVE_EVENT_KEYS: list[EventKey] = []
    SLAVE_EVENT_SECRET: Secret | None = None
    REQUIRE_REASON: bool = False
    MAPPING_SAME_NAME: bool = True
    SESSION_HOURS: Annotated[int, Field(ge=1, le=720)] = 12
    LOGINS_PER_MINUTE: Annotated[int, Field(ge=20)] = 600
    TOKEN_ADMIN_LOGIN_DAYS: Annotated[int, Field(ge=1, le=366)] = 7
    THREADS: Annotated[int, Field(ge=1, le=256)] = 32
    SMTP_HOST: str | None = None
    SMTP_PORT: Annotated[int, Field(ge=1, le=65535)] = 587
    SMTP_USERNAME: str | None = None
    SMTP_PASSWORD: SecretStr | None = None
    SMTP_TLS: Literal["starttls", "tls", "none"] = "starttls"
    NOTIFICATION_FROM: str | None = None
    NOTIFICATION_OAUTH_ACCESS_TOKEN: SecretStr | None = None

    @model_validator(mode="after")
    def _hosts_are_told_apart(self) -> "MasterSettings":
        ids = [slave.id for slave in self.SLAVES]
        twice = sorted({host_id for host_id in ids if ids.count(host_id) > 1})
        if twice:
            message = f"SLAVES: each id once (found {', '.join(twice)} twice)"
            raise ValueError(message)
        return self

    @property
    def in_development(self) -> bool:
        """Bound to loopback: the example's secrets and the mock provider are allowed."""
        return is_loopback(self.BIND)


def load_master_settings(path: Path, values: dict[str, Any] | None = None) -> MasterSettings:
    """The master's settings from the file. Raises SettingsError: one line that names file and key."""
    settings = load(MasterSettings, read_object(path) if values is None else values, path)
    settings = settings.model_copy(update={"SECRETS_KEY_FILE": str(path.parent / settings.SECRETS_KEY_FILE)})
    if not settings.in_development:
        for index, slave in enumerate(settings.SLAVES):
            for name, key in (("read_key", slave.read_key), ("write_key", slave.write_key)):
                if is_example(key.secret):
                    where = f"{path}: SLAVES.{index}.{name}.secret"
                    raise SettingsError(
                        f"{where}: found the example's secret, expected one of your own (BIND is public)"
                    )
        for where, secret in _event_secrets(settings):
            if is_example(secret):
                found = "found the example's secret, expected one of your own (BIND is public)"
                raise SettingsError(f"{path}: {where}: {found}")
    return settings


def _event_secrets(settings: MasterSettings) -> list[tuple[str, SecretStr]]:
    found = [(f"SLAVE_EVENT_KEYS.{index}.secret", key.secret) for index, key in enumerate(settings.SLAVE_EVENT_KEYS)]
    return found + ([("SLAVE_EVENT_SECRET", settings.SLAVE_EVENT_SECRET)] if settings.SLAVE_EVENT_SECRET else [])
