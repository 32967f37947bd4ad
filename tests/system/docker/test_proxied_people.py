"""Through the proxy before a real dockerd, everything is whose it is, and each way around that was thought of."""

import grp
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import docker as sdk
import pytest

from tests.fakes.docker_rig import IMAGE, DockerRig
from tests.fakes.proxy_process import DEBIANS, ROOT, ProxyProcess, as_user, created, creation, docker, raw

USERS = range(21_000, 21_010)
ALICE, BOB = USERS[0], USERS[1]
EACH = 20
BODY: dict[str, Any] = {"Image": IMAGE, "HostConfig": {"NetworkMode": "none"}}
FORGED = {"qman.user": "bob"}


@pytest.fixture(scope="module")
def proxy(dockerd: DockerRig) -> Iterator[ProxyProcess]:
    with ProxyProcess(dockerd.folder / "people", dockerd.socket) as process:
        yield process


@pytest.fixture
def group() -> int:
    return grp.getgrnam("docker").gr_gid


def label_of(rig: DockerRig, container: str) -> object:
    return json.loads(rig.docker("inspect", container, "--format", "{{json .Config.Labels}}")).get("qman.user")


def test_200_creations_by_10_users_at_once_are_all_theirs(rig: DockerRig, proxy: ProxyProcess, group: int) -> None:
    def create_many() -> list[str]:
        with ThreadPoolExecutor(max_workers=EACH) as pool:
            return [created(answer) for answer in pool.map(lambda _: raw(proxy.socket, creation(BODY)), range(EACH))]

    begun = {uid: as_user(uid, group, create_many) for uid in USERS}
    whose = {container: uid for uid, result in begun.items() for container in result()}
    assert len(whose) == EACH * len(USERS)
    journal = proxy.journal()
    assert {container: journal[container] for container in whose} == {each: [uid] for each, uid in whose.items()}
    names = rig.docker("inspect", "--format", '{{.Id}} {{index .Config.Labels "qman.user"}}', *whose).splitlines()
    assert dict(name.split() for name in names) == {container: str(uid) for container, uid in whose.items()}


CHUNK = json.dumps({**BODY, "Labels": FORGED}).encode()[2:]
WAYS: list[bytes] = [
    creation({**BODY, "Labels": FORGED}),
    creation({**BODY, "labels": FORGED}),
    creation({**BODY, "LABELS": FORGED, "Labels": {}}),
    creation({**BODY, "labelſ": FORGED}),
    creation({**BODY, "Labels": {}, "lABELſ": FORGED, "labels": None}),
    creation(b'{"Image": "%s", "HostConfig": {}, "label\\u017f": {"qman\\u002euser": "bob"}}' % IMAGE.encode()),
    creation({**BODY, "Labels": FORGED}, "/containers/create"),
    creation({**BODY, "Labels": FORGED}, "/v1.41/containers%2Fcreate"),
    creation({**BODY, "Labels": FORGED}, "/v1.41/%63ontainers/creat%65"),
    creation({**BODY, "Labels": FORGED}, "http://elsewhere/v1.30/containers/create"),
    creation({**BODY, "Labels": FORGED}, fields=["Connection: Upgrade, keep-alive", "Upgrade: tcp"]),
    creation({**BODY, "Labels": FORGED}).replace(b" HTTP/1.1", b" HTTP/1.0"),
    creation({**BODY, "Labels": FORGED}, fields=["Expect: 100-continue"]),
    b"POST /containers/create HTTP/1.1\r\nHost: docker\r\nTransfer-Encoding: chunked\r\n"
    b'Content-Type: application/json\r\n\r\n2;x=y\r\n{"\r\n%x\r\n%s\r\n0\r\nX: y\r\n\r\n' % (len(CHUNK), CHUNK),
]


def test_each_spelling_and_encoding_is_labelled(rig: DockerRig, proxy: ProxyProcess, group: int) -> None:
    containers = as_user(ALICE, group, lambda: [created(raw(proxy.socket, way)) for way in WAYS])()
    journal = proxy.journal()
    assert [journal[container] for container in containers] == [[ALICE]] * len(WAYS)
    assert [label_of(rig, container) for container in containers] == [str(ALICE)] * len(WAYS)


PLAIN = creation({**BODY, "Labels": FORGED})
CHUNKED = PLAIN.replace(b"Content-Length", b"Transfer-Encoding: chunked\r\nContent-Length")
HIDDEN: list[bytes] = [
    b"HEAD /_ping HTTP/1.1\r\nHost: docker\r\n\r\n" + PLAIN,
    b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: keep-alive\r\n\r\n" + PLAIN,
    b"GET /_ping HTTP/1.0\r\nHost: docker\r\nConnection: keep-alive\r\n\r\n" + PLAIN,
    b"POST /_ping HTTP/1.1\r\nHost: docker\r\nContent-Length: 2\r\n\r\n{}" + PLAIN,
    b"POST /containers/none/attach?stream=1 HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
    + PLAIN,
    b"POST /exec/none/start HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
    b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}" + PLAIN,
    b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    b"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n" + PLAIN,
    b"POST /grpc HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n" + PLAIN,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + PLAIN,
    b"GET /_ping HTTP/1.1\nHost: docker\n\n" + PLAIN,
    b"GET /_ping HTTP/1.1\r\nHost: docker\r\nContent-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(PLAIN) + PLAIN,
    b"POST /_ping HTTP/1.1\r\nHost: docker\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + PLAIN,
    CHUNKED,
    PLAIN.replace(b" HTTP/1.1\r\n", b" HTTP/1.1\r\nTransfer-Encoding : chunked\r\n"),
    PLAIN.replace(b"POST /v1.41", b"POST /v1.41/."),
    PLAIN.replace(b"POST /v1.41", b"POST http:/v1.41"),
    PLAIN.replace(b"POST /v1.41/containers/create", b"POST //containers/create"),
    PLAIN.replace(b"POST /v1.41/containers/create", b"POST /containers%252Fcreate"),
    PLAIN.replace(b"POST", b"post"),
]


def test_nothing_is_created_behind_something_else(rig: DockerRig, proxy: ProxyProcess, group: int) -> None:
    """Whatever dockerd makes of these, no container comes of it that is not the caller's."""

    def try_all() -> list[bytes]:
        return [raw(proxy.socket, request) if b"/grpc" not in request else interrupted(request) for request in HIDDEN]

    def interrupted(request: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(proxy.socket))
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            return connection.recv(1000)

    answers = as_user(ALICE, group, try_all)()
    assert all(answers)
    containers = rig.docker("ps", "-aq", "--no-trunc").split()
    assert [label_of(rig, each) for each in containers] == [str(ALICE)] * len(containers)
    assert [proxy.journal()[each] for each in containers] == [[ALICE]] * len(containers)


def test_clients_that_keep_their_connection_are_known_each_time(
    rig: DockerRig, proxy: ProxyProcess, group: int
) -> None:
    def create_three() -> list[str]:
        client = sdk.DockerClient(base_url=f"unix://{proxy.socket}")
        return [str(client.containers.create(IMAGE, network_mode="none").id) for _ in range(3)]

    containers = as_user(BOB, group, create_three)()
    assert [proxy.journal()[each] for each in containers] == [[BOB]] * 3


def test_volumes_and_networks_are_labelled(rig: DockerRig, proxy: ProxyProcess, group: int) -> None:
    volume = {"Name": "data", "Labels": FORGED}
    mount = {"Type": "volume", "Source": "other", "Target": "/x", "VolumeOptions": {"Labels": FORGED}}

    def create_all() -> list[str]:
        own = raw(proxy.socket, creation(volume, "/volumes/create"))
        with_mount = creation({"Image": IMAGE, "HostConfig": {"NetworkMode": "none", "Mounts": [mount]}})
        return [created(own), created(raw(proxy.socket, with_mount))]

    name, container = as_user(ALICE, group, create_all)()
    again = as_user(BOB, group, lambda: raw(proxy.socket, creation(volume, "/volumes/create")))()
    journal = proxy.journal()
    assert created(again) == name == "data"
    assert (journal[name], journal[container]) == ([ALICE], [ALICE])
    for each in ("data", "other"):
        assert rig.docker("volume", "inspect", each, "--format", '{{index .Labels "qman.user"}}') == str(ALICE)
    body = {"Name": "net", "Driver": "bridge", "Internal": True, "labels": FORGED}
    network = created(raw(proxy.socket, creation(body, "/networks/create")))
    labels = rig.docker("network", "inspect", network, "--format", "{{json .Labels}}")
    assert (proxy.journal()[network], json.loads(labels)) == ([0], {"qman.user": "root"})
    rig.docker("network", "rm", network)


def test_root_counts_for_who_logged_in(rig: DockerRig, proxy: ProxyProcess) -> None:
    sudo = as_user(0, 0, lambda: created(raw(proxy.socket, creation(BODY))), login_uid=ALICE)()
    assert proxy.journal()[sudo] == [ALICE]
    assert label_of(rig, sudo) == str(ALICE)


def test_a_container_with_the_socket_counts_for_its_user(rig: DockerRig, proxy: ProxyProcess, group: int) -> None:
    """Also where it runs as somebody else: the uid of another person, or root."""
    inner = f"chroot /host {DEBIANS} -H unix://{proxy.socket} create --network none --label qman.user=bob {IMAGE}"
    run = ("run", "--rm", "--network", "none", "-v", "/:/host", IMAGE, "sh", "-c", inner)
    by_alice = as_user(ALICE, group, lambda: proxy.docker(*run, DOCKER_CONFIG=os.devnull))()
    by_nobody = docker(rig.socket, *run)
    assert (by_alice[0], by_nobody[0]) == (0, 0), (by_alice, by_nobody)
    hers, unknown = by_alice[1].decode().strip(), by_nobody[1].decode().strip()
    journal = proxy.journal()
    assert (journal[hers], journal[unknown]) == ([ALICE], [None])
    assert (label_of(rig, hers), label_of(rig, unknown)) == (str(ALICE), "")


def test_dockerd_may_be_stopped_and_come_back(rig: DockerRig, proxy: ProxyProcess) -> None:
    following = subprocess.Popen(
        [DEBIANS, "-H", f"unix://{proxy.socket}", "events"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    rig.stop()
    assert following.wait(30) != 0
    plain, proxied = docker(rig.socket, "ps"), proxy.docker("ps")
    assert plain[0] == proxied[0] == 1
    assert b"Is the docker daemon running?" in proxied[2]
    rig.up()
    assert proxy.docker("create", "--network", "none", IMAGE)[0] == 0


def test_images_are_labelled_where_that_is_wanted(rig: DockerRig, tmp_path: Path) -> None:
    with ProxyProcess(tmp_path / "proxy", rig.socket, DOCKER_PROXY_LABEL_IMAGES=True) as proxy:
        forged = ("--label", "qman.user=bob", "--label", "a=b", "-q", "--network", "none", "-")
        for buildkit in ("0", "1"):
            built = proxy.docker("build", *forged, stdin=f"FROM {IMAGE}\n".encode(), DOCKER_BUILDKIT=buildkit)
            labels = rig.docker("inspect", built[1].decode().strip(), "--format", "{{json .Config.Labels}}")
            assert json.loads(labels) == {"a": "b", "qman.user": "root"}
        container = rig.create()
        body = json.dumps({"Labels": FORGED}).encode()
        target = f"/commit?container={container}&changes={quote('LABEL qman.user=bob')}"
        image = created(raw(proxy.socket, creation(body, target)))
        assert rig.docker("inspect", image, "--format", '{{index .Config.Labels "qman.user"}}') == "root"


@pytest.mark.skipif(shutil.which("systemd-socket-activate") is None, reason="needs systemd-socket-activate")
def test_systemd_passes_the_socket(rig: DockerRig, tmp_path: Path) -> None:
    proxy = ProxyProcess(tmp_path / "proxy", rig.socket)
    command = (sys.executable, "-m", "app.cli", "docker-proxy", "--upstream", str(rig.socket))
    setenv = ("-E", f"PYTHONPATH={ROOT}")
    activate = subprocess.Popen(
        ["systemd-socket-activate", "-l", str(proxy.socket), *setenv, *command],
        cwd=proxy.folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert activate.stderr is not None
    assert "Listening on" in activate.stderr.readline()
    assert proxy.docker("ps", "-q") == docker(rig.socket, "ps", "-q")
    activate.terminate()
    activate.communicate(timeout=20)
    assert activate.returncode == 0
    assert proxy.socket.exists()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    units = sorted((ROOT / "deploy").glob("qman-docker-proxy.*"))
    assert [unit.suffix for unit in units] == [".service", ".socket"]
    for unit in units:
        (tmp_path / unit.name).write_text(unit.read_text().replace("/opt/qman/.venv/bin/qman", "/bin/true"))
    copies = [str(tmp_path / unit.name) for unit in units]
    done = subprocess.run(
        ["systemd-analyze", "verify", *copies], check=False, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
