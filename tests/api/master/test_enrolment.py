"""Hosts that are added in the dashboard and get their keys by a code, whoever listens, guesses or answers instead."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.auth.enrolment.code import CodeKeys, new_code
from app.auth.enrolment.errors import CodeMalformedError, SealBrokenError
from app.auth.enrolment.sealing import Answerer, Asker, SealedOut, enrolment_words
from app.settings.files import SettingsError
from app.settings.keys import KeyPair
from app.slave.enrol.exchange import NotConfirmedError
from app.slave.enrol.master import MasterNotReachedError, MasterRefusedError
from tests.fakes.enrolling import HostToEnrol, add_host, enrolling_master
from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.served_master import EavesdroppingProxy, ServedApp
from tests.fakes.served_slave import ServedSlave


@pytest.fixture
def enrolling(tmp_path: Path) -> Iterator[MasterWithPeople]:
    master = enrolling_master(tmp_path)
    yield master
    master.close()


@pytest.fixture
def boss(enrolling: MasterWithPeople) -> LoggedIn:
    return enrolling.log_in("charlie", is_admin=True)


@pytest.fixture
def proxy(enrolling: MasterWithPeople) -> Iterator[EavesdroppingProxy]:
    with ServedApp(enrolling.master.app) as served, EavesdroppingProxy(served.url) as proxy:
        yield proxy


@pytest.fixture
def host(tmp_path: Path, proxy: EavesdroppingProxy, enrolling: MasterWithPeople) -> HostToEnrol:
    return HostToEnrol(tmp_path / "host", proxy.url, enrolling.clock)


def standing(admin: LoggedIn, host_id: str = "h1") -> str:
    state: str = admin.json(f"/api/hosts/{host_id}")["enrolment"]["state"]
    return state


def refusal(host: HostToEnrol, code: str) -> str:
    with pytest.raises(MasterRefusedError) as caught:
        host.enrolment.exchange(code)
    return caught.value.code


def test_a_host_is_added_enrolled_and_read(
    tmp_path: Path, enrolling: MasterWithPeople, boss: LoggedIn, proxy: EavesdroppingProxy
) -> None:
    keys_file = tmp_path / "slave" / "keys.json"
    with ServedSlave(tmp_path / "slave", API_KEYS=None, API_KEYS_FILE=str(keys_file)) as slave:
        code = add_host(boss, "host1", slave.url)
        assert standing(boss, "host1") == "waiting"
        assert boss.json("/api/hosts/host1")["state"] == "never"
        enrolling.collect()
        host = HostToEnrol(tmp_path / "slave", proxy.url, enrolling.clock, "host1")
        pair = host.enrolment.exchange(code)
        assert standing(boss, "host1") == "unconfirmed"
        assert next(host.enrolment.confirmations(pair)) is None
        enrolling.collect()
        assert list(host.enrolment.confirmations(pair)) == []
    assert standing(boss, "host1") == "enrolled"
    assert boss.json("/api/rows?host=host1")["total"] > 0
    assert keys_file.stat().st_mode & 0o777 == 0o600
    assert host.held.events_url == f"{proxy.url}/api/internal/slave-events"


def test_the_eavesdropping_proxy_learns_nothing_not_even_with_the_code_later(
    boss: LoggedIn, host: HostToEnrol, proxy: EavesdroppingProxy
) -> None:
    code = add_host(boss, "h1")
    pair = host.enrolment.exchange(code)
    secrets = [key["secret"] for key in pair.plain().values()]
    everything = proxy.everything.decode()
    assert not any(secret in everything for secret in [*secrets, code, code.split(".")[1]])
    keys, answer = CodeKeys.of(code), SealedOut.model_validate_json(proxy.heard[0].answer)
    eavesdropper = Asker()
    eavesdropper.public_key = json.loads(proxy.heard[0].body)["public_key"]
    with pytest.raises(SealBrokenError):
        eavesdropper.opened(answer, keys.sealing, enrolment_words("h1", keys.code_id))


def test_what_was_heard_cannot_be_said_again(boss: LoggedIn, host: HostToEnrol, proxy: EavesdroppingProxy) -> None:
    host.enrolment.exchange(add_host(boss, "h1"))
    before = host.held
    answer = proxy.replay(proxy.heard[0])
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_invalid")
    assert "nonce was seen" in answer.json()["detail"]
    assert host.held == before


def test_a_proxy_that_puts_its_own_key_into_the_request_gets_no_keys(
    enrolling: MasterWithPeople, boss: LoggedIn, host: HostToEnrol, proxy: EavesdroppingProxy
) -> None:
    own = Asker()
    proxy.alter_request = lambda body: json.dumps({**json.loads(body), "public_key": own.public_key}).encode()
    code = add_host(boss, "h1")
    assert refusal(host, code) == "signature_invalid"
    proxy.alter_request = lambda body: body
    host.enrolment.exchange(code)


@pytest.mark.parametrize(
    ("member", "byte", "bit"), [("public_key", 20, 1), ("public_key", 31, 0x80), ("sealed", 20, 1)]
)
def test_an_altered_answer_is_refused_and_nothing_is_written(
    boss: LoggedIn, host: HostToEnrol, proxy: EavesdroppingProxy, member: str, byte: int, bit: int
) -> None:
    """The highest bit of an X25519 key makes no other secret (RFC 7748, section 5): the key itself is bound in."""

    def altered(body: bytes) -> bytes:
        answer = json.loads(body)
        raw = bytearray(base64.b64decode(answer[member]))
        raw[byte] ^= bit
        return json.dumps({**answer, member: base64.b64encode(raw).decode()}).encode()

    proxy.alter_answer = altered
    with pytest.raises(SealBrokenError):
        host.enrolment.exchange(add_host(boss, "h1"))
    assert host.held.pairs == ()


def test_a_wrong_master_that_answers_keys_of_its_own_is_refused(
    boss: LoggedIn, host: HostToEnrol, proxy: EavesdroppingProxy
) -> None:
    """It does not know the code: it only heard the request."""

    def own_keys(_body: bytes) -> bytes:
        asked = json.loads(proxy_heard[-1])["public_key"]
        words = enrolment_words("h1", code.split(".")[0])
        answer = Answerer(asked).sealed(KeyPair.new("h1").plain(), b"\0" * 32, words)
        return answer.model_dump_json().encode()

    proxy_heard: list[bytes] = []
    proxy.alter_request = lambda body: proxy_heard.append(body) or body  # type: ignore[func-returns-value]  # append gives None
    proxy.alter_answer = own_keys
    code = add_host(boss, "h1")
    with pytest.raises(SealBrokenError):
        host.enrolment.exchange(code)
    assert host.held.pairs == ()


def test_the_guessing_host_is_refused_and_slowed_down(boss: LoggedIn, host: HostToEnrol) -> None:
    code_id = add_host(boss, "h1").split(".")[0]
    guesses = [f"{code_id}.{new_code().split('.')[1]}", new_code()]
    assert [refusal(host, guess) for guess in guesses] == ["signature_invalid"] * 2
    refusals = [refusal(host, guesses[0]) for _ in range(60)]
    assert refusals[-1] == "too_many_requests"
    assert host.held.pairs == ()


def test_the_second_user_of_a_code_is_refused_and_the_first_keeps_the_keys(
    tmp_path: Path, enrolling: MasterWithPeople, boss: LoggedIn, host: HostToEnrol, proxy: EavesdroppingProxy
) -> None:
    code = add_host(boss, "h1")
    pair = host.enrolment.exchange(code)
    second = HostToEnrol(tmp_path / "second", proxy.url, enrolling.clock)
    assert refusal(second, code) == "enrolment_used"
    assert second.held.pairs == ()
    assert enrolling.master.fleet.get("h1").read_key == pair.read


def test_an_expired_code_is_refused(enrolling: MasterWithPeople, boss: LoggedIn, host: HostToEnrol) -> None:
    code = add_host(boss, "h1")
    enrolling.clock.forward(timedelta(minutes=15).total_seconds())
    assert standing(boss) == "expired"
    assert refusal(host, code) == "enrolment_expired"
    again = boss.send("POST", "/api/hosts/h1/code").get_json()["code"]
    host.enrolment.exchange(again)


def test_a_new_code_makes_the_one_before_worthless(boss: LoggedIn, host: HostToEnrol) -> None:
    first = add_host(boss, "h1")
    boss.send("POST", "/api/hosts/h1/code")
    assert refusal(host, first) == "signature_invalid"


def test_the_wrong_host_is_told_so_and_the_code_stays_good(
    tmp_path: Path, enrolling: MasterWithPeople, boss: LoggedIn, host: HostToEnrol, proxy: EavesdroppingProxy
) -> None:
    code = add_host(boss, "h1")
    wrong = HostToEnrol(tmp_path / "wrong", proxy.url, enrolling.clock, "h2")
    assert refusal(wrong, code) == "enrolment_wrong_host"
    host.enrolment.exchange(code)


def test_a_keys_file_that_cannot_be_written_leaves_the_code_as_it_is(
    tmp_path: Path, enrolling: MasterWithPeople, boss: LoggedIn, host: HostToEnrol, proxy: EavesdroppingProxy
) -> None:
    code = add_host(boss, "h1")
    nowhere = HostToEnrol(tmp_path / "gone", proxy.url, enrolling.clock)
    (tmp_path / "gone").rmdir()
    with pytest.raises(SettingsError, match=r"keys\.json: cannot be written"):
        nowhere.enrolment.exchange(code)
    assert proxy.heard == []
    host.enrolment.exchange(code)


def test_a_wrong_url_is_told_as_such(tmp_path: Path, enrolling: MasterWithPeople, boss: LoggedIn) -> None:
    code = add_host(boss, "h1")
    host = HostToEnrol(tmp_path / "host", "http://127.0.0.1:1", enrolling.clock)
    with pytest.raises(MasterNotReachedError, match="connection refused"):
        host.enrolment.exchange(code)
    with ServedSlave(tmp_path / "slave") as slave:
        host = HostToEnrol(tmp_path / "host", slave.url, enrolling.clock)
        with pytest.raises(MasterNotReachedError, match="no qman master at"):
            host.enrolment.exchange(code)


@pytest.mark.parametrize("text", ["", "abc", "0123456789ab.short", "0123456789ab." + "x" * 33, "x" * 45])
def test_what_is_no_code_is_never_sent(tmp_path: Path, enrolling: MasterWithPeople, text: str) -> None:
    host = HostToEnrol(tmp_path / "host", "http://127.0.0.1:1", enrolling.clock)
    with pytest.raises(CodeMalformedError):
        host.enrolment.exchange(text)


def test_a_host_that_the_master_cannot_reach_is_enrolled_and_not_confirmed(
    enrolling: MasterWithPeople, tmp_path: Path, boss: LoggedIn, proxy: EavesdroppingProxy
) -> None:
    def time_passes(seconds: float) -> None:
        enrolling.collect()
        enrolling.clock.forward(10 * seconds)

    host = HostToEnrol(tmp_path / "host", proxy.url, enrolling.clock, waits=time_passes)
    pair = host.enrolment.exchange(add_host(boss, "h1"))
    told: list[str | None] = []
    with pytest.raises(NotConfirmedError):
        told.extend(host.enrolment.confirmations(pair))
    assert told[0] is None
    assert "refused the connection" in str(told[-1])
    assert standing(boss) == "unconfirmed"


def test_only_the_host_itself_is_told_how_its_enrolment_stands(
    tmp_path: Path, enrolling: MasterWithPeople, boss: LoggedIn, host: HostToEnrol
) -> None:
    host.enrolment.exchange(add_host(boss, "h1"))
    with pytest.raises(MasterRefusedError) as caught:
        next(host.enrolment.confirmations(KeyPair.new("h1")))
    assert caught.value.code == "signature_invalid"


def test_neither_codes_nor_keys_stand_in_the_database_or_the_audit_trail(
    tmp_path: Path, boss: LoggedIn, host: HostToEnrol
) -> None:
    code = add_host(boss, "h1")
    pair = host.enrolment.exchange(code)
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("qman.sqlite*")).decode("latin-1")
    secrets = [key["secret"] for key in pair.plain().values()]
    assert not any(secret in stored for secret in [*secrets, code.split(".")[1]])
    items = boss.json("/api/admin/audit?host=h1")["items"]
    assert sorted(item["action"] for item in items) == ["add_host", "enrol_host"]
    enrolled = next(item for item in items if item["action"] == "enrol_host")
    assert (enrolled["via"], enrolled["actor"]["name"], enrolled["origin"]) == ("system", "charlie", "127.0.0.1")
    assert enrolled["after"]["read_key"] == pair.read.id
