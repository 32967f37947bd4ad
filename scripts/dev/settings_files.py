"""Writes the settings of the stack under `.dev/`: what `config.*_example.json` shows, with secrets of this checkout."""

import json
import secrets
from pathlib import Path
from typing import Any

from scripts.dev.ports import LOOPBACK, MOCK_HOSTS, Ports

COLLECT_INTERVAL_SECONDS = 5
GIB = 2**30
ENFORCED_HOST = "host4"
"""The mock host with Docker: a worker enforces its quotas, by files alone."""
SOON = {
    "DOCKER_QUOTA_ENFORCE_INTERVAL_SECONDS": 5,
    "DOCKER_QUOTA_GRACE_SECONDS": 30,
    "DOCKER_QUOTA_ENFORCEMENT_ACTION": "stop",
}
"""So that somebody who has just started all of it sees what happens to who is above their limit."""

Settings = dict[str, Any]


class SecretsFile:
    """Random secrets by name, made once and kept, so that a second start speaks with the first one's databases."""

    def __init__(self, path: Path) -> None:
        """Reads what is there."""
        self._path = path
        self._known: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def get(self, name: str) -> str:
        """The secret of this name; a new one is written down first."""
        if name not in self._known:
            self._known[name] = secrets.token_urlsafe(48)
            write_private(self._path, self._known)
        return self._known[name]


def write_private(path: Path, value: Any) -> None:
    """JSON that only its owner can read."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def write_settings(folder: Path, ports: Ports, *, public_url: str) -> dict[str, Path]:
    """All files; answers the settings file of each process: `master`, and each slave by its host.

    `public_url` is where people's browsers come back to after login.
    """
    known = SecretsFile(folder / "secrets.json")
    files = {"master": folder / "master.json"} | {host: folder / f"{host}.json" for host in ports.slaves}
    for host, port in ports.slaves.items():
        write_private(files[host], _slave(host, port, known, folder, ports))
    write_private(files["master"], _master(known, folder, ports))
    write_private(folder / "oauth.config.json", _oauth(ports, public_url))
    return files


def _key(host: str, scope: str, known: SecretsFile) -> Settings:
    return {"id": f"{host}-{scope}", "secret": known.get(f"{host}-{scope}")}


def _slave(host: str, port: int, known: SecretsFile, folder: Path, ports: Ports) -> Settings:
    settings = {
        "ROLE": "slave",
        "SLAVE_HOST_ID": host,
        "BIND": LOOPBACK,
        "PORT": port,
        "DATABASE_URL": f"sqlite:///{folder}/slave-{host}.sqlite",
        "API_KEYS": [_key(host, scope, known) | {"scope": scope} for scope in ("read", "write")],
        "MASTER_EVENT_CALLBACK_URL": f"http://{LOOPBACK}:{ports.master}/api/internal/slave-events",
        "MASTER_EVENT_CALLBACK_KEY_ID": f"{host}-events",
        "MASTER_EVENT_CALLBACK_SECRET": known.get(f"{host}-events"),
    }
    if host in MOCK_HOSTS:
        return settings | {"MOCK_QUOTA": True, "MOCK_HOST_ID": host} | (SOON if host == ENFORCED_HOST else {})
    return settings | {"USE_BTRFS": True, "STORAGE_AREAS": [_scratch_area(folder / "scratch")]}


def _scratch_area(root: Path) -> Settings:
    root.mkdir(exist_ok=True)
    return {
        "name": "scratch",
        "roots": {"files": str(root)},
        "min_free_bytes": GIB,
        "capacity_bytes": 5 * GIB,
        "user_capacity_bytes": GIB,
    }


def _master(known: SecretsFile, folder: Path, ports: Ports) -> Settings:
    return {
        "ROLE": "master",
        "BIND": LOOPBACK,
        "PORT": ports.master,
        "DATABASE_URL": f"sqlite:///{folder}/master.sqlite",
        "COLLECT_INTERVAL_SECONDS": COLLECT_INTERVAL_SECONDS,
        "SLAVES": [
            {
                "id": host,
                "url": f"http://{LOOPBACK}:{port}",
                "read_key": _key(host, "read", known),
                "write_key": _key(host, "write", known),
            }
            for host, port in ports.slaves.items()
        ],
        "SLAVE_EVENT_KEYS": [{"host": host} | _key(host, "events", known) for host in ports.slaves],
    }


def _oauth(ports: Ports, public_url: str) -> Settings:
    return {
        "enabled": True,
        "server": {"url": f"http://localhost:{ports.provider}"},
        "client": {"url": public_url},
    }
