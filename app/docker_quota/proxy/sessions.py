"""One client's connection: its one request, and what is kept of it."""

import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from uuid import uuid4

import structlog

from app.db.repositories.docker_journal import BUILD, JournalEntry
from app.docker_quota.proxy import labels
from app.docker_quota.proxy.answers import ImageWatch, created_id
from app.docker_quota.proxy.bodies import read_body
from app.docker_quota.proxy.callers import Caller, caller_of, counts_for
from app.docker_quota.proxy.heads import Head, read_head, written
from app.docker_quota.proxy.inlet import Inlet
from app.docker_quota.proxy.journal import Journal
from app.docker_quota.proxy.pumping import pump
from app.docker_quota.proxy.quotas import OverQuota
from app.docker_quota.proxy.refusals import RefusedRequestError, answer_of, bad_request
from app.docker_quota.proxy.targets import Action, Target, parse_target
from app.docker_quota.proxy.upstream import connect, find_image_id, read_answer
from app.quota.clock import Clock

log = structlog.get_logger(__name__)

_CREATIONS = {
    Action.CREATE_CONTAINER: "container",
    Action.CREATE_VOLUME: "volume",
    Action.CREATE_NETWORK: "network",
}
_IMAGE = "image"
_BY_BUILDKIT = {Action.SESSION, Action.GRPC}
_BUILDING = {Action.BUILD, *_BY_BUILDKIT}
_BLOCK = 256 * 1024
_LINGER_SECONDS = 2.0
_FORMS = (b"application/x-www-form-urlencoded", b"multipart/form-data")


@dataclass(frozen=True, slots=True)
class Creator:
    """Whoever asks: the process, and the user for whom it counts; both None where nobody can be named."""

    caller: Caller
    uid: int | None
    user: str | None

    @property
    def label(self) -> str:
        """What the label says: the name, else the number; nothing where nobody can be named."""
        if self.uid is None:
            return ""
        return self.user or str(self.uid)


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds a head, and a creation's body, may take to arrive."""

    head_seconds: float = 30.0
    body_seconds: float = 60.0


class Session:
    """Serves connections; one object for all of them."""

    def __init__(
        self,
        upstream: Path,
        journal: Journal,
        name_of: Callable[[int], str | None],
        clock: Clock,
        *,
        label_images: bool = False,
        over_quota: OverQuota | None = None,
        patience: Patience | None = None,
    ) -> None:
        """`over_quota` refuses what takes space to whoever is at the hard limit."""
        self._upstream = upstream
        self._journal = journal
        self._name_of = name_of
        self._clock = clock
        self._label_images = label_images
        self._over_quota = over_quota
        self._patience = patience or Patience()

    def serve(self, client: socket.socket) -> None:
        """Serves one connection to its end. Raises nothing that the other side can bring about."""
        with client:
            try:
                self._serve(client)
            except RefusedRequestError as refusal:
                log.info("docker_request_refused", status=refusal.status.value, problem=refusal.message)
                _tell(client, refusal)
            except OSError as error:  # one of both has gone
                log.info("docker_connection_lost", problem=str(error))

    def _serve(self, client: socket.socket) -> None:
        caller = caller_of(client)
        inlet = Inlet(client)
        inlet.allow(self._patience.head_seconds)
        head = read_head(inlet)
        if head is None:
            return
        target = parse_target(head.method, head.target)
        head = replace(head, target=target.origin)
        if target.action is None:
            self._pass(inlet, head)
            return
        creator = self._creator(caller)
        self._refuse_excess(target.action, creator)
        if target.action in _CREATIONS:
            self._create(inlet, head, target.action, creator)
        elif target.action in _BUILDING:
            with self._building(creator):
                self._build(inlet, head, target, target.action, creator)
        else:
            self._make_image(inlet, head, target, target.action, creator)

    def _refuse_excess(self, action: Action, creator: Creator) -> None:
        is_let_pass = action in {Action.CREATE_NETWORK, *_BY_BUILDKIT}
        if self._over_quota is None or creator.uid is None or is_let_pass:
            return
        excess = self._over_quota.find_excess(creator.uid)
        if excess is not None:
            raise RefusedRequestError(HTTPStatus.FORBIDDEN, excess.told())

    def _creator(self, caller: Caller) -> Creator:
        uid = counts_for(caller, self._journal.find_owner)
        return Creator(caller, uid, None if uid is None else self._name_of(uid))

    def _create(self, inlet: Inlet, head: Head, action: Action, creator: Creator) -> None:
        inlet.allow(self._patience.body_seconds)
        body = labels.labelled(read_body(inlet, head), creator.label)
        head = head.without({b"content-length", b"transfer-encoding", b"expect", b"upgrade", b"trailer"})
        head = replace(head, fields=(*head.fields, (b"Content-Length", b"%d" % len(body))))
        began_at = self._clock()
        with connect(self._upstream) as upstream:
            upstream.sendall(written(head) + body)
            answer = read_answer(upstream)  # even where the client has gone: what it asked for may be there
            if not answer:
                raise RefusedRequestError(HTTPStatus.BAD_GATEWAY, "dockerd ended before it answered")
            object_id = created_id(action, answer, creator.label)
            if object_id is not None:
                self._record(creator, _CREATIONS[action], [object_id], began_at)
            inlet.connection.settimeout(self._patience.body_seconds)
            inlet.connection.sendall(answer)
            pump(inlet.connection, upstream)

    @contextmanager
    def _building(self, creator: Creator) -> Iterator[None]:
        """Keeps that the creator builds, from now until the end. The first entry stands before dockerd is asked."""
        its_id, began_at = uuid4().hex, self._clock()
        self._record(creator, BUILD, [its_id], began_at)
        try:
            yield
        finally:
            self._record(creator, BUILD, [its_id], began_at)

    def _build(self, inlet: Inlet, head: Head, target: Target, action: Action, creator: Creator) -> None:
        if action is Action.BUILD:
            self._make_image(inlet, head, target, action, creator)
        else:
            self._pass(inlet, head)

    def _make_image(self, inlet: Inlet, head: Head, target: Target, action: Action, creator: Creator) -> None:
        if self._label_images:
            head = _with_image_label(head, target, action, creator.label)
        watch, began_at = ImageWatch(action, target.query), self._clock()
        self._pass(inlet, head, watch)
        names = list(watch.images())
        images = [each if each.startswith("sha256:") else find_image_id(self._upstream, each) for each in names]
        self._record(creator, _IMAGE, filter(None, images), began_at)

    def _pass(self, inlet: Inlet, head: Head, watch: Callable[[bytes], None] | None = None) -> None:
        with connect(self._upstream) as upstream:
            upstream.settimeout(self._patience.body_seconds)
            upstream.sendall(written(head) + inlet.take())
            pump(inlet.connection, upstream, watch)

    def _record(self, creator: Creator, kind: str, ids: Iterable[str], began_at: datetime) -> None:
        caller, at = creator.caller, self._clock()
        entries = [
            JournalEntry(
                kind=kind,
                object_id=object_id,
                uid=creator.uid,
                user=creator.user,
                peer_uid=caller.uid,
                login_uid=caller.login_uid,
                pid=caller.pid,
                container_id=caller.container_id,
                began_at=began_at,
                at=at,
            )
            for object_id in ids
        ]
        if entries:
            self._journal.record(entries)
            if kind != BUILD:
                log.info("docker_created", kind=kind, ids=[entry.object_id for entry in entries], uid=creator.uid)


def _with_image_label(head: Head, target: Target, action: Action, user: str) -> Head:
    path = target.origin.partition(b"?")[0]
    if action is Action.BUILD:
        if any(value.lower().startswith(_FORMS) for value in head.values(b"content-type")):
            raise bad_request("the body of a build is a form")  # its fields would go before those of the query
        return replace(head, target=path + b"?" + labels.labelled_build(target.query, user))
    if action is Action.COMMIT:
        return replace(head, target=path + b"?" + labels.labelled_commit(target.query, user))
    return head


def _tell(client: socket.socket, refusal: RefusedRequestError) -> None:
    """Answers, and takes for a moment what still comes: one that is uploading would else lose the answer to a reset."""
    until = time.monotonic() + _LINGER_SECONDS
    try:
        client.settimeout(_LINGER_SECONDS)
        client.sendall(answer_of(refusal))
        client.shutdown(socket.SHUT_WR)
        while time.monotonic() < until and client.recv(_BLOCK):
            pass
    except OSError as error:  # it has gone, or waits
        log.debug("docker_connection_lost", problem=str(error))
