"""The settings of a slave's Docker device."""

from typing import Annotated, Literal

from pydantic import Field

from app.settings.files import SettingsModel

Seconds = Annotated[int, Field(ge=0, le=315_360_000)]
"""Ten years at most."""
ExemptLabel = Annotated[str, Field(max_length=1000, pattern=r"^([^=\s]+(=[^\n]*)?)?$")]
UserName = Annotated[str, Field(min_length=1, max_length=256)]


class DockerSettings(SettingsModel):
    """Keys that begin with `DOCKER_`, and the switch. A base of the slave's settings."""

    USE_DOCKER_QUOTA: bool = False
    DOCKER_HOST: str | None = None
    DOCKER_DATA_ROOT: str | None = None
    DOCKER_QUOTA_RESERVED_BYTES: Annotated[int, Field(ge=0)] = 0
    DOCKER_QUOTA_ENFORCE_INTERVAL_SECONDS: Annotated[int, Field(ge=1, le=86_400)] = 300
    DOCKER_QUOTA_ENFORCEMENT_ORDER: Literal["newest_first", "oldest_first", "largest_first"] = "newest_first"
    DOCKER_QUOTA_ENFORCEMENT_ACTION: Literal["remove", "stop"] = "remove"
    DOCKER_QUOTA_GRACE_SECONDS: Seconds = 900
    DOCKER_QUOTA_REMOVE_GRACE_SECONDS: Seconds = 86_400
    DOCKER_QUOTA_STOP_TIMEOUT_SECONDS: Annotated[int, Field(ge=0, le=3600)] = 10
    DOCKER_QUOTA_TRUST_LABELS: bool = True
    DOCKER_QUOTA_ENFORCE_PROBABLE: bool = False
    DOCKER_QUOTA_EXEMPT_LABEL: ExemptLabel = "qman.exempt=true"
    """Empty: no label exempts."""
    DOCKER_QUOTA_EXEMPT_USERS: tuple[UserName, ...] = ()
    DOCKER_QUOTA_DRY_RUN: bool = False
    DOCKER_PROXY_SOCKET: str = "/run/qman/docker.sock"
    DOCKER_PROXY_SOCKET_GROUP: str = "docker"
    DOCKER_PROXY_REFUSE_OVER_QUOTA: bool = False
    DOCKER_PROXY_LABEL_IMAGES: bool = False
    DOCKER_AUDIT_LOG: str = "/var/log/audit/audit.log"
