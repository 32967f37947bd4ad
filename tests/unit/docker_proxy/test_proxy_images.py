"""Images by the answers that name them."""

import json
from pathlib import Path

import pytest

from app.docker_quota.proxy.answers import Answer, ImageWatch, created_id
from app.docker_quota.proxy.targets import Action
from tests.fakes.dockerd import FakeDockerd
from tests.unit.docker_proxy.proxied import NAME, Proxied, with_proxy

ID = "sha256:" + "ab" * 32
OTHER = "sha256:" + "cd" * 32


def answered(*messages: object, status: str = "200 OK") -> bytes:
    lines = [json.dumps(message).encode() + b"\r\n" for message in messages]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(line), line) for line in lines) + b"0\r\n\r\n"
    return f"HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + chunks


def named(action: Action, query: bytes, answer: bytes, size: int = 7) -> list[str]:
    watch = ImageWatch(action, query)
    for start in range(0, len(answer), size):
        watch(answer[start : start + size])
    watch(b"")
    return list(watch.images())


@pytest.mark.parametrize(
    ("action", "query", "messages", "images"),
    [
        (Action.BUILD, b"", [{"stream": "Step 1"}, {"aux": {"ID": ID}}, {"stream": "Successfully built"}], [ID]),
        (Action.BUILD, b"version=2", [{"id": "moby.image.id", "aux": {"ID": ID}}], [ID]),
        (Action.BUILD, b"", [{"id": "moby.buildkit.trace", "aux": "Q2g="}], []),
        (Action.BUILD, b"", [{"stream": f"{OTHER}\n"}, {"aux": {"ID": ID}}], [ID]),
        (Action.BUILD, b"q=1", [{"stream": f"{ID}\n"}], [ID]),
        (Action.PULL, b"fromSrc=-", [{"status": ID}], [ID]),
        (Action.PULL, b"fromImage=x", [{"status": "Status: Downloaded newer image for x:latest"}], ["x:latest"]),
        (Action.PULL, b"fromImage=x", [{"status": "Status: Image is up to date for x:latest"}], []),
        (Action.PULL, b"fromImage=x", [{"status": ID}], []),
        (Action.LOAD, b"", [{"stream": "Loaded image: a:1\n"}, {"stream": "Loaded image: b:1\n"}], ["a:1", "b:1"]),
        (Action.LOAD, b"", [{"stream": f"Loaded image ID: {ID}\n"}], [ID]),
        (Action.LOAD, b"", [{"stream": "Loaded image: ../../x?y\n"}, {"error": "x"}, "text", [], None], []),
        (Action.COMMIT, b"", [{"Id": ID}], [ID]),
        (Action.BUILD, b"", [{"stream": "x" * 2_000_000}, {"aux": {"ID": ID}}], [ID]),
    ],
)
def test_an_answer_names_its_images(action: Action, query: bytes, messages: list[object], images: list[str]) -> None:
    assert named(action, query, answered(*messages), 4096) == images


def test_answers_may_come_byte_by_byte() -> None:
    answer = b"HTTP/1.1 100 Continue\r\n\r\n" + answered({"Id": ID}, status="201 Created")
    assert named(Action.COMMIT, b"", answer, 1) == [ID]


def test_refusals_name_nothing() -> None:
    assert named(Action.COMMIT, b"", answered({"Id": ID}, status="500 Internal Server Error")) == []
    assert named(Action.COMMIT, b"", b"no HTTP at all") == []


def test_an_answer_without_coding_is_what_it_is() -> None:
    assert Answer().feed(b"HTTP/1.0 200 OK\r\n\r\nbody") == b"body"


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 201 Created\r\n\r\n", b"HTTP/1.1 201 Created\r\n\r\n[]", b"x" * 99])
def test_a_broken_answer_names_nothing(answer: bytes) -> None:
    assert created_id(Action.CREATE_CONTAINER, answer, "alice") is None


def test_images_are_journalled(proxied: Proxied) -> None:
    proxied.dockerd.answers["/build"] = answered({"aux": {"ID": ID}})
    proxied.create(b"context", b"/v1.41/build?t=x")
    proxied.settle()
    images = [(entry.object_id, entry.user) for entry in proxied.journal.entries if entry.kind == "image"]
    assert images == [(ID, NAME)]
    assert proxied.dockerd.requests[0].body == b"context"
    assert "labels" not in proxied.dockerd.requests[0].target


def test_the_id_of_a_name_is_asked_for(proxied: Proxied) -> None:
    proxied.dockerd.answers["/images/load"] = answered(
        {"stream": "Loaded image: rig/a:1\n"}, {"stream": "Loaded image: b\n"}
    )
    proxied.dockerd.answers["/images/rig/a:1/json"] = b'HTTP/1.1 200 OK\r\n\r\n{"Id": "%s"}' % ID.encode()
    proxied.dockerd.answers["/images/b/json"] = b"HTTP/1.1 404 Not Found\r\n\r\n{}"
    proxied.create(b"tar", b"/images/load")
    proxied.settle()
    assert [entry.object_id for entry in proxied.journal.entries] == [ID]


def test_labels_of_images_are_a_choice(dockerd: FakeDockerd, tmp_path: Path) -> None:
    proxied = with_proxy(dockerd, label_images=True)
    proxied.create(b"context", b"/build?labels=%7B%22qman.user%22%3A%22bob%22%7D")
    proxied.create(b"{}", b"/commit?container=web")
    proxied.create(b"tar", b"/images/load?quiet=1")
    assert f"%22{NAME}%22" in dockerd.requests[0].target
    assert "bob" not in dockerd.requests[0].target
    assert NAME in dockerd.requests[1].target
    assert dockerd.requests[2].target == "/images/load?quiet=1"


def test_a_form_may_not_carry_the_labels_of_a_build(dockerd: FakeDockerd) -> None:
    request = b"POST /build HTTP/1.1\r\nContent-Type: Application/X-www-form-urlencoded\r\nContent-Length: 2\r\n\r\n{}"
    assert with_proxy(dockerd, label_images=True).exchange(request).startswith(b"HTTP/1.1 400")
    assert dockerd.requests == []
