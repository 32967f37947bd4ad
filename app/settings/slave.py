"""The settings of a slave."""

import re
import ssl
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from app.settings.areas import StorageArea
from app.settings.docker import DockerSettings
from app.settings.files import SettingsError, load, read_object
from app.settings.keys import ApiKey, KeyId, Secret, is_example, is_loopback

HostId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Dataset = Annotated[str, Field(max_length=255, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*(/[A-Za-z0-9_.:-]+)*$")]
BasePath = Annotated[str, Field(pattern=r"^(/[A-Za-z0-9._~-]+)*$", max_length=200)]
MockHostId = Literal["host1", "host2", "host3", "host4"]


def _is_http_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment or parts.username:
        message = "a URL like http://127.0.0.1:8436/api/internal/slave-events"
        raise ValueError(message)
    return url


def _is_database_url(url: str) -> str:
    if url and not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        message = "sqlite:///FILE or postgresql://USER@HOST/NAME"
        raise ValueError(message)
    return url


def _is_network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError:
        message = "a network like 10.0.0.0/8 or an address"
        raise ValueError(message) from None
    return text


NetworkText = Annotated[str, AfterValidator(_is_network)]


_SUBVOLUMES = re.compile(r"(\{mount\})?(/[^/{}\0]+)*/[^/{}\0]*\{user\}[^/{}\0]*(/[^/{}\0]+)*")


def _is_pattern_of_subvolumes(pattern: str) -> str:
    if not _SUBVOLUMES.fullmatch(pattern):
        message = "a path with one {user}, such as {mount}/{user} or /srv/homes/{user}"
        raise ValueError(message)
    return pattern


HttpUrl = Annotated[str, AfterValidator(_is_http_url)]
SubvolumePattern = Annotated[str, Field(max_length=1000), AfterValidator(_is_pattern_of_subvolumes)]


class SlaveSettings(DockerSettings):
    """Everything that a slave is told. Keys that end in `_SECONDS` are seconds, in `_BYTES` bytes."""

    ROLE: Literal["slave"] = "slave"
    SLAVE_HOST_ID: HostId
    BIND: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    PORT: Annotated[int, Field(ge=1, le=65535)] = 8437
    BASE_PATH: BasePath = ""
    """What a proxy in front takes off the path; signatures cover the path with it."""
    DATABASE_URL: Annotated[str, AfterValidator(_is_database_url)] = ""
    API_KEYS: Annotated[tuple[ApiKey, ...], Field(min_length=1)] = ()
    API_KEYS_FILE: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    """Has the keys of an enrolled host, beside the settings file. The slave and `qman enrol` write it."""
    THREADS: Annotated[int, Field(ge=1, le=256)] = 48
    READ_INTERVAL_SECONDS: Annotated[float, Field(ge=0, le=3600)] = 15
    DEVICE_TIMEOUT_SECONDS: Annotated[float, Field(gt=0, le=60)] = 5
    DEFAULT_LIMITS_FROM_ID: Annotated[int, Field(ge=0, le=2**32 - 2)] = 1000
    DEFAULTS_INTERVAL_SECONDS: Annotated[float, Field(ge=1, le=86_400)] = 300

    METRICS_ALLOW: tuple[NetworkText, ...] = ("127.0.0.0/8", "::1/128")
    """Who may read `/metrics`, which names the host's users."""

    MOCK_QUOTA: bool = False
    MOCK_HOST_ID: MockHostId | None = None
    USE_PYQUOTA: bool = True
    USE_ZFS: bool = False
    ZFS_DATASETS: tuple[Dataset, ...] = ()
    USE_BTRFS: bool = False
    BTRFS_SUBVOLUMES: Annotated[tuple[SubvolumePattern, ...], Field(min_length=1)] = ("{mount}/{user}",)
    BTRFS_LIMIT: Literal["referenced", "exclusive"] = "referenced"
    STORAGE_AREAS: tuple[StorageArea, ...] = ()
    GUARD_SOCKET: str | None = None
    GUARD_SOCKET_GROUP: str | None = None
    GUARD_PORT: Annotated[int, Field(ge=1, le=65535)] | None = None
    GUARD_LEDGER: str | None = None

    CELERY_BROKER_URL: str | None = None
    MASTER_EVENT_CALLBACK_URL: HttpUrl | None = None
    MASTER_EVENT_CALLBACK_KEY_ID: KeyId | None = None
    MASTER_EVENT_CALLBACK_SECRET: Secret | None = None
    MASTER_EVENT_CALLBACK_CA_FILE: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    """The authority of the master's certificate, beside the settings file; None: the system's."""

    @property
    def in_development(self) -> bool:
        """Bound to loopback: the example's secrets are allowed."""
        return is_loopback(self.BIND)

    @property
    def database_url(self) -> str:
        """`DATABASE_URL`, by default an SQLite file of this host's own."""
        return self.DATABASE_URL or f"sqlite:///qman-slave-{self.SLAVE_HOST_ID}.sqlite"

    @model_validator(mode="after")
    def _keys_and_areas_are_told_apart(self) -> "SlaveSettings":
        _each_once("API_KEYS", [key.id for key in self.API_KEYS])
        _each_once("STORAGE_AREAS", [area.name for area in self.STORAGE_AREAS])
        return self

    @model_validator(mode="after")
    def _somebody_may_call(self) -> "SlaveSettings":
        if not self.API_KEYS and self.API_KEYS_FILE is None:
            message = "API_KEYS: found nothing, expected the master's keys, or API_KEYS_FILE for a host to be enrolled"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _something_has_quotas(self) -> "SlaveSettings":
        if self.MOCK_QUOTA and self.MOCK_HOST_ID is None:
            message = "MOCK_HOST_ID: found nothing, expected host1, host2, host3 or host4, since MOCK_QUOTA is true"
            raise ValueError(message)
        real = (self.USE_PYQUOTA, self.USE_ZFS, self.USE_BTRFS, self.USE_DOCKER_QUOTA, self.STORAGE_AREAS)
        if not (self.MOCK_QUOTA or any(real)):
            backends = "USE_PYQUOTA, USE_ZFS, USE_BTRFS, USE_DOCKER_QUOTA, STORAGE_AREAS or MOCK_QUOTA"
            message = f"USE_PYQUOTA: found every backend off, expected at least one of {backends}"
            raise ValueError(message)
        return self


def _each_once(where: str, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"{where}: found {', '.join(twice)} twice, expected each once"
        raise ValueError(message)


def load_slave_settings(
    path: Path, values: dict[str, Any] | None = None, environment: Mapping[str, str] | None = None
) -> SlaveSettings:
    """The slave's settings from the file. Raises SettingsError: one line that names file and key."""
    settings = load(SlaveSettings, read_object(path) if values is None else values, path, environment)
    if settings.API_KEYS_FILE is not None:
        settings = settings.model_copy(update={"API_KEYS_FILE": str(path.parent / settings.API_KEYS_FILE)})
    if settings.MASTER_EVENT_CALLBACK_CA_FILE is not None:
        authority = path.parent / settings.MASTER_EVENT_CALLBACK_CA_FILE
        _require_certificates(path, "MASTER_EVENT_CALLBACK_CA_FILE", authority)
        settings = settings.model_copy(update={"MASTER_EVENT_CALLBACK_CA_FILE": str(authority)})
    if not settings.in_development:
        for where, secret in _secrets(settings):
            if is_example(secret):
                found = "found the example's secret, expected one of your own, since BIND is not a loopback address"
                raise SettingsError(f"{path}: {where}: {found}")
    return settings


def _require_certificates(path: Path, key: str, file: Path) -> None:
    try:
        ssl.create_default_context(cafile=str(file))
    except ssl.SSLError as error:
        raise SettingsError(f'{path}: {key}: found "{file}", expected a file of certificates (PEM)') from error
    except OSError as error:
        raise SettingsError(f'{path}: {key}: found "{file}", expected a file that can be read') from error


def _secrets(settings: SlaveSettings) -> list[tuple[str, SecretStr]]:
    keys = [(f"API_KEYS.{index}.secret", key.secret) for index, key in enumerate(settings.API_KEYS)]
    callback = settings.MASTER_EVENT_CALLBACK_SECRET
    return keys + ([("MASTER_EVENT_CALLBACK_SECRET", callback)] if callback else [])
