"""D1: what the socket proxy costs, each command through it beside the same one without it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench.figures import Figure, figure, percentile, seconds_of
from tests.fakes.docker_archives import write_image
from tests.fakes.docker_rig import IMAGE, DockerRig, remove_leftovers
from tests.fakes.proxy_process import ProxyProcess, created, creation, docker, raw

CONTENT_BYTES = 1_000_000_000
LOADS = 3
COMMANDS = 21
AT_ONCE = 50
ROUNDS = 3


def measure(folder: Path) -> list[Figure]:
    """On a dockerd of its own. Both ways take turns, so that what disturbs one disturbs the other."""
    folder.mkdir()
    remove_leftovers()
    with DockerRig() as rig, ProxyProcess(folder / "proxy", rig.socket) as proxy:
        archive = folder / "big.tar"
        write_image(archive, "big:1", CONTENT_BYTES)

        def load(path: Path) -> float:
            docker(rig.socket, "rmi", "-f", "big:1")
            return seconds_of(lambda: _succeed(path, "load", "-i", str(archive)))

        def list_containers(path: Path) -> float:
            return seconds_of(lambda: _succeed(path, "ps"))

        def create_many(path: Path) -> float:
            body = creation({"Image": IMAGE, "HostConfig": {"NetworkMode": "none"}}, fields=["Connection: close"])
            with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
                paths, bodies = [path] * AT_ONCE, [body] * AT_ONCE
                return seconds_of(lambda: [created(answer) for answer in pool.map(raw, paths, bodies)])

        return [
            _beside(rig, proxy, f"docker load of {CONTENT_BYTES // 10**6} MB through the proxy", load, LOADS, 1.2),
            _beside(rig, proxy, "docker ps through the proxy", list_containers, COMMANDS, 1.5),
            _beside(rig, proxy, f"{AT_ONCE} creations at once through the proxy", create_many, ROUNDS, 1.2),
        ]


def _beside(
    rig: DockerRig, proxy: ProxyProcess, text: str, work: Callable[[Path], float], runs: int, ratio: float
) -> Figure:
    pairs = [(work(proxy.socket), work(rig.socket)) for _ in range(runs)]
    proxied, plain = (1000 * percentile(each, 0.5) for each in zip(*pairs, strict=True))
    return figure("D1", text, proxied, "ms", beside=plain, ratio_at_most=ratio)


def _succeed(path: Path, *command: str) -> None:
    status, _, errors = docker(path, *command)
    assert status == 0, errors
