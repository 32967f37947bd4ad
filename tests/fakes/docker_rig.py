"""A dockerd of the tests' own, by tests/rigs/docker-rig; and what killed runs left of theirs."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from copy import copy
from pathlib import Path
from typing import Self

RIG = Path(__file__).resolve().parents[1] / "rigs" / "docker-rig"
PREFIX = "qman-docker-test-"
IMAGE = "rig/busybox"
SIZE_MIB = 6144
"""Of a sparse file: an image of 1 GB is there twice while it is loaded."""
SECONDS = 120
POLL_SECONDS = 0.05


class DockerRig:
    """dockerd on a filesystem of its own. `with DockerRig() as rig:` starts and ends it."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        self.host = f"unix://{self.folder}/docker.sock"
        self.socket = self.folder / "docker.sock"
        self.root = self.folder / "root"
        self.environment: Mapping[str, str] = {
            **os.environ,
            "DOCKER_RIG": str(self.folder),
            "DOCKER_HOST": self.host,
            "DOCKER_CONFIG": str(self.folder / "cli"),
        }

    def __enter__(self) -> Self:
        self.up()
        self._rig("image", IMAGE)
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def up(self) -> None:
        self._rig("up", "--size", str(SIZE_MIB))

    def stop(self) -> None:
        self._rig("stop")

    def kill(self) -> None:
        """Sends SIGKILL to dockerd. Its containers go on; when it is up again it ends them."""
        pid = int((self.folder / "pid").read_text(encoding="utf-8"))
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + SECONDS
        while Path("/proc", str(pid)).exists():
            assert time.monotonic() < deadline, f"dockerd {pid} does not end"
            time.sleep(POLL_SECONDS)

    def down(self) -> None:
        self._rig("down")

    def through(self, socket: Path) -> Self:
        """The same, with commands that go over another socket."""
        other = copy(self)
        other.environment = {**self.environment, "DOCKER_HOST": f"unix://{socket}"}
        return other

    def docker(self, *arguments: str, stdin: str | None = None, **environment: str) -> str:
        """What the CLI prints; CalledProcessError when it fails."""
        done = subprocess.run(
            ["docker", *arguments],
            env={**self.environment, **environment},
            input=stdin,
            check=True,
            text=True,
            stdout=subprocess.PIPE,
            timeout=SECONDS,
        )
        return done.stdout.strip()

    def run(self, script: str, *options: str, image: str = IMAGE) -> str:
        """Runs the script in a container until it ends, and gives the container's id. The container stays."""
        container = self.start(script, *options, image=image)
        self.docker("wait", container)
        return container

    def start(self, script: str, *options: str, image: str = IMAGE) -> str:
        """Starts a container with this script, and gives its id."""
        return self.docker("run", "-d", "--network", "none", *options, image, "sh", "-c", script)

    def start_with_data(self, name: str, user: str, *options: str) -> str:
        """Starts a container of 3 MiB that a label calls this user's, and that does not end when it is asked to."""
        script = "dd if=/dev/urandom of=/data bs=1M count=3 2>/dev/null; sync; touch /written; exec sleep 1000"
        its = self.start(script, "--name", name, "--label", f"qman.user={user}", *options)
        self.docker("exec", its, "sh", "-c", "while [ ! -e /written ]; do :; done")
        return its

    def states(self) -> dict[str, str]:
        """Of all containers, by name."""
        return dict(line.split() for line in self.docker("ps", "-a", "--format", "{{.Names}} {{.State}}").splitlines())

    def create(self, *options: str, image: str = IMAGE) -> str:
        """Creates a container, and gives its id."""
        return self.docker("create", "--network", "none", *options, image)

    def build(self, dockerfile: str, *options: str) -> None:
        """Builds by the legacy builder, with nothing in the context."""
        self.docker("build", "-q", "--network", "none", *options, "-", stdin=dockerfile, DOCKER_BUILDKIT="0")

    def wipe(self) -> None:
        """Removes all containers, volumes, build cache, and images but the rig's own."""
        if containers := self.docker("ps", "-aq").split():
            self.docker("rm", "-fv", *containers)
        if volumes := self.docker("volume", "ls", "-q").split():
            self.docker("volume", "rm", "-f", *volumes)
        ids = self.docker("images", "-aq", "--no-trunc").split()
        kept = self.docker("images", "-q", "--no-trunc", IMAGE)
        for image in dict.fromkeys(ids):
            if image != kept:
                subprocess.run(["docker", "rmi", "-f", image], env=self.environment, check=False, capture_output=True)
        self.docker("builder", "prune", "-af")

    def du(self) -> int:
        """Bytes of the store on disk: the reference of all figures."""
        printed = subprocess.run(
            ["du", "-sx", "-B1", str(self.root)], check=False, text=True, stdout=subprocess.PIPE, timeout=SECONDS
        )
        return int(printed.stdout.split()[0])

    def _rig(self, *arguments: str) -> None:
        subprocess.run([RIG, *arguments], env=self.environment, check=True, stdout=subprocess.DEVNULL, timeout=SECONDS)


def missing() -> str:
    """What this machine lacks for a dockerd; empty where it lacks nothing."""
    if os.geteuid() != 0:
        return "root"
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    lacking = {"dockerd": "docker.io", "busybox": "busybox-static", "mkfs.ext4": "e2fsprogs", "curl": "curl"}
    return ", ".join(package for command, package in lacking.items() if shutil.which(command, path=path) is None)


def remove_leftovers() -> None:
    """What runs left behind that were killed: their process is gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if not Path("/proc", pid).exists():
            DockerRig(folder).down()
