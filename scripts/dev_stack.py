"""The supervisor behind `./scripts/dev.sh`: writes settings under `.dev/`, starts everything, waits, stops it all."""

import argparse
import fcntl
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from scripts.dev.ports import Ports, StartError, check_free
from scripts.dev.processes import Child, Children
from scripts.dev.readiness import fail_if_one_ended, wait_until_answering, wait_until_every_host_was_asked
from scripts.dev.settings_files import ENFORCED_HOST, write_settings

ROOT = Path(__file__).resolve().parent.parent
POLL_SECONDS = 0.2
WORKER = "worker-"
CELERY = ("celery", "-A", "app.celery_app:celery_app", "worker", "-Q", "qman.docker", "-B", "--pool", "solo")
OF_THE_CALLER = ("CONFIG_PATH", "OAUTH_CONFIG_PATH", "DATABASE_URL", "CELERY_BROKER_URL")


class StopRequestedError(Exception):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


class Stack:
    """Everything that runs in development, in one folder of state."""

    def __init__(self, folder: Path, ports: Ports, *, vite: bool) -> None:
        """Writes the settings."""
        self.ports = ports
        self.vite = vite
        self.url = f"http://localhost:{ports.vite if vite else ports.master}"
        (folder / "logs").mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.files = write_settings(folder, ports, public_url=self.url)
        self.children = Children(folder / "logs")

    def start(self) -> None:
        """Returns when all of it answers; master and slaves bring their databases up to date. Raises StartError."""
        slaves = {self._run(f"slave-{host}", host): port for host, port in self.ports.slaves.items()}
        urls = {child: f"http://127.0.0.1:{port}/remote-api/ping" for child, port in slaves.items()}
        provider = self._python(
            "provider",
            "-m",
            "app.auth.mock_provider",
            "--port",
            str(self.ports.provider),
            "--config",
            "oauth.mock.config.json",
        )
        urls[provider] = f"http://localhost:{self.ports.provider}/.well-known/openid-configuration"
        urls[self._run("master", "master")] = f"http://localhost:{self.ports.master}/api/health"
        if self.vite:
            urls[self._start_vite()] = f"http://localhost:{self.ports.vite}/"
        wait_until_answering(urls, self.children)
        wait_until_every_host_was_asked(self.folder / "master.sqlite", self.children)
        self._start_worker()

    def watch(self) -> None:
        """Returns never; raises StartError when a part ended without which the rest is of no use.

        A slave may end: the master then shows its host as stale, as it would in production. A worker may too.
        """
        while True:
            time.sleep(POLL_SECONDS)
            ended = next((child for child in self.children.running if child.status is not None), None)
            if ended is None:
                continue
            if not ended.name.startswith(("slave-", WORKER)):
                fail_if_one_ended(self.children)
            self.children.running.remove(ended)
            file = self.files[ended.name.removeprefix("slave-").removeprefix(WORKER)]
            program = f"-m {' '.join(CELERY)}" if ended.name.startswith(WORKER) else "run.py"
            again = f"CONFIG_PATH={file} .venv/bin/python {program}"
            print(
                f"{ended.name} ended with status {ended.status}; to start it again: {again}",
                file=sys.stderr,
                flush=True,
            )

    def _environment(self, config: str | None) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in OF_THE_CALLER and not name.startswith("QMAN_")
        }
        kept |= {"OAUTH_CONFIG_PATH": str(self.folder / "oauth.config.json"), "PYTHONUNBUFFERED": "1"}
        return kept | ({"CONFIG_PATH": str(self.files[config])} if config else {})

    def _python(self, name: str, *arguments: str, config: str | None = None) -> Child:
        return self.children.start(name, [sys.executable, *arguments], self._environment(config), ROOT)

    def _run(self, name: str, config: str) -> Child:
        return self._python(name, "run.py", config=config)

    def _start_worker(self) -> None:
        """The worker with its schedule; its messages are files in a folder of its own."""
        folder = self.folder / f"{WORKER}{ENFORCED_HOST}"
        folder.mkdir(exist_ok=True)
        environment = self._environment(ENFORCED_HOST) | {"PYTHONPATH": str(ROOT)}
        self.children.start(f"{WORKER}{ENFORCED_HOST}", [sys.executable, "-m", *CELERY], environment, folder)

    def _start_vite(self) -> Child:
        environment = self._environment(None) | {
            "QMAN_MASTER_URL": f"http://localhost:{self.ports.master}",
            "QMAN_VITE_PORT": str(self.ports.vite),
        }
        return self.children.start("vite", ["node", "node_modules/vite/bin/vite.js"], environment, ROOT / "frontend")


def stop_requested(_signum: int, _frame: FrameType | None) -> None:
    """Turns the first signal into an exception; further ones are not needed and change nothing."""
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise StopRequestedError


def claim(folder: Path) -> None:
    """Makes this process the only one that works in the folder. Raises StartError."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "stack.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise StartError(f"another stack runs on {folder}; end it, or give this one its own by QMAN_DEV_DIR") from error


def main() -> int:
    """Runs until it is stopped. The exit status: 0 when asked to stop, 1 when something went wrong."""
    parser = argparse.ArgumentParser(prog="dev.sh", description="Starts all of qman for development.")
    parser.add_argument("--vite", action="store_true", help="add the dashboard's dev server on port 5173")
    vite = parser.parse_args().vite
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, stop_requested)
    stack: Stack | None = None
    try:
        ports = Ports.from_environment()
        check_free(ports.all(vite=vite))
        folder = Path(os.environ.get("QMAN_DEV_DIR", ROOT / ".dev")).resolve()
        claim(folder)
        stack = Stack(folder, ports, vite=vite)
        stack.start()
        print(f"qman is ready: {stack.url} (log in as alice or charlie)", flush=True)
        stack.watch()
    except StopRequestedError:
        return 0
    except StartError as error:
        print(f"dev.sh: {error}", file=sys.stderr)
        return 1
    finally:
        if stack is not None:
            stack.children.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
