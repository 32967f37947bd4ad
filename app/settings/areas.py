"""The settings of storage areas (`STORAGE_AREAS`) and of the guard that admits writes to them."""

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.settings.files import SettingsModel

Bytes = Annotated[int, Field(ge=0, le=2**63 - 1)]
Percent = Annotated[float, Field(gt=0, le=100)]
AreaName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
AbsolutePath = Annotated[str, Field(pattern=r"^/[^\x00]*$", max_length=4096)]


class Retention(SettingsModel):
    """Files of a category are removed when they are older than this."""

    category: Annotated[str, Field(min_length=1)]
    older_than_days: Annotated[float, Field(gt=0)]


class Watermarks(SettingsModel):
    """Where producers pause and resume, and what is never exceeded: bytes, or percent of `capacity_bytes`."""

    hard_bytes: Bytes | None = None
    pause_bytes: Bytes | None = None
    resume_bytes: Bytes | None = None
    hard_percent: Percent | None = None
    pause_percent: Percent | None = None
    resume_percent: Percent | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "Watermarks":
        for unit in ("bytes", "percent"):
            names = [f"{mark}_{unit}" for mark in ("resume", "pause", "hard")]
            given = [(name, value) for name in names if (value := getattr(self, name)) is not None]
            for (lower, low), (upper, high) in pairwise(given):
                if low > high or (lower.startswith("resume") and low == high):
                    message = f"resume below pause, and pause not above hard (found {lower} {low}, {upper} {high})"
                    raise ValueError(message)
        return self


class Allowed(SettingsModel):
    """Which applications may claim for other users."""

    uids: tuple[int, ...] = ()
    groups: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()


class StorageArea(SettingsModel):
    """One area: its directories by category, and the policy they are under."""

    name: AreaName
    roots: Annotated[dict[str, AbsolutePath], Field(min_length=1)]
    min_free_bytes: Bytes = 0
    capacity_bytes: Bytes | None = None
    user_capacity_bytes: Bytes | None = None
    daily_limit: Annotated[int, Field(ge=1)] | None = None
    retention: tuple[Retention, ...] = ()
    watermarks: Watermarks | None = None
    user_path: str = "{root}/users/{user}/"
    user_source: Literal["name", "uid"] = "name"
    allow: Allowed = Allowed()
    scan_interval_seconds: Annotated[int, Field(ge=1)] = 300
