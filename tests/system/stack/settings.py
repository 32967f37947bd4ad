"""Settings of a master and of slaves for the tests, as JSON files."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Settings = dict[str, Any]


def write_json(path: Path, value: Any) -> Path:
    """The value as a file."""
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def with_port(example: Path, port: int) -> None:
    """What a person does to an example whose port is taken: edit it."""
    write_json(example, json.loads(example.read_text(encoding="utf-8")) | {"PORT": port})


def key(host: str, scope: str) -> Settings:
    """A key of a host."""
    return {"id": f"{host}-{scope}", "secret": f"a-secret-of-the-tests-for-{host}-{scope}-0123456789"}


def mock_slave(host: str, port: int, mock_host: str = "host1") -> Settings:
    """A slave that plays one of the mock hosts."""
    keys = [key(host, scope) | {"scope": scope} for scope in ("read", "write")]
    return {
        "ROLE": "slave",
        "SLAVE_HOST_ID": host,
        "PORT": port,
        "API_KEYS": keys,
        "MOCK_QUOTA": True,
        "MOCK_HOST_ID": mock_host,
        "DATABASE_URL": f"sqlite:///{host}.sqlite",
    }


def entry(host: str, url: str) -> Settings:
    """The host as the master lists it."""
    return {"id": host, "url": url, "read_key": key(host, "read"), "write_key": key(host, "write")}


def master(port: int, slaves: Iterable[Settings], interval_seconds: int = 1) -> Settings:
    """A master that reads these slaves."""
    return {"ROLE": "master", "PORT": port, "COLLECT_INTERVAL_SECONDS": interval_seconds, "SLAVES": list(slaves)}


def oauth(provider_port: int, master_port: int) -> Settings:
    """Login through the mock provider."""
    return {
        "enabled": True,
        "server": {"url": f"http://localhost:{provider_port}"},
        "client": {"url": f"http://localhost:{master_port}"},
    }
