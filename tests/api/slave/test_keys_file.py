"""The keys that a slave accepts, as its keys file changes while it runs."""

import json
from pathlib import Path

import pytest

from app.auth.enrolment.sealing import Asker, SealedOut, keys_words
from app.settings.keys import KeyPair, SigningKey
from app.settings.keys_file import HeldKeys, HeldPair, read_keys, write_keys
from tests.fakes.slave_app import READ, WRITE, SlaveUnderTest, empty_database, start_slave

PING = "/remote-api/users"


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def slave(tmp_path: Path, keys_file: Path) -> SlaveUnderTest:
    return start_slave(empty_database(tmp_path), API_KEYS=None, API_KEYS_FILE=str(keys_file))


@pytest.fixture
def pair(keys_file: Path) -> KeyPair:
    """In use."""
    return held(keys_file, KeyPair.new("host1"))


def held(keys_file: Path, *pairs: KeyPair) -> KeyPair:
    write_keys(keys_file, HeldKeys(pairs=tuple(HeldPair.model_validate(each.plain()) for each in pairs)))
    return pairs[0]


def status(slave: SlaveUnderTest, key: SigningKey) -> int:
    return slave.get(PING, key=key).status_code


def order(slave: SlaveUnderTest, key: SigningKey) -> KeyPair:
    """New keys, as the master orders them."""
    asker = Asker()
    answer = slave.post("/remote-api/keys", key=key, json={"public_key": asker.public_key})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    sealed = SealedOut.model_validate_json(answer.get_data())
    content = asker.opened(sealed, key.secret.get_secret_value().encode(), keys_words("host1", key.id))
    return KeyPair.model_validate(content)


def test_keys_come_and_go_without_a_restart(slave: SlaveUnderTest, keys_file: Path) -> None:
    first, second = KeyPair.new("host1"), KeyPair.new("host1")
    assert status(slave, first.read) == 401
    held(keys_file, first)
    assert status(slave, first.read) == 200
    held(keys_file, second)
    assert [status(slave, key.read) for key in (first, second)] == [401, 200]
    keys_file.unlink()
    assert status(slave, second.read) == 401


def test_a_file_that_is_no_keys_file_leaves_the_keys_that_were_known(
    slave: SlaveUnderTest, keys_file: Path, pair: KeyPair
) -> None:
    assert status(slave, pair.read) == 200
    keys_file.write_text("{")
    assert status(slave, pair.read) == 200


def test_each_key_has_its_scope(slave: SlaveUnderTest, pair: KeyPair) -> None:
    body = {"public_key": Asker().public_key}
    assert slave.post("/remote-api/keys", key=pair.read, json=body).status_code == 403
    assert slave.post("/remote-api/keys", key=pair.event, json=body).status_code == 401


def test_new_keys_are_good_beside_the_old_until_half_a_minute_after_the_master_settled(
    slave: SlaveUnderTest, keys_file: Path, pair: KeyPair
) -> None:
    new = order(slave, pair.write)
    assert [status(slave, key) for key in (pair.read, new.read)] == [200, 200]
    assert slave.post("/remote-api/keys/settle", key=new.write).status_code == 200
    assert [status(slave, key) for key in (pair.read, new.read)] == [200, 200]
    slave.clock.advance(29)
    assert [status(slave, key) for key in (pair.read, new.read)] == [200, 200]
    slave.clock.advance(1)
    assert [status(slave, key) for key in (pair.read, new.read)] == [401, 200]
    assert keys_file.stat().st_mode & 0o777 == 0o600
    order(slave, new.write)
    first, second = read_keys(keys_file).pairs
    assert (first.read.id, first.in_use, second.in_use) == (new.read.id, True, False)


def test_whoever_signs_keeps_its_keys_whatever_it_orders(slave: SlaveUnderTest, pair: KeyPair) -> None:
    offers = [order(slave, pair.write) for _ in range(3)]
    assert [status(slave, each.read) for each in (pair, *offers)] == [200, 401, 401, 200]
    newest = offers[-1]
    others = order(slave, newest.write)
    assert [status(slave, each.read) for each in (pair, newest, others)] == [200, 200, 200]
    slave.post("/remote-api/keys/settle", key=pair.write)
    slave.post("/remote-api/keys/settle", key=pair.write)
    slave.clock.advance(30)
    assert [status(slave, each.read) for each in (pair, newest, others)] == [200, 401, 401]


def test_dropped_keys_cannot_be_kept_alive_by_settling_again(slave: SlaveUnderTest, pair: KeyPair) -> None:
    new = order(slave, pair.write)
    slave.post("/remote-api/keys/settle", key=new.write)
    slave.clock.advance(20)
    slave.post("/remote-api/keys/settle", key=new.write)
    slave.clock.advance(10)
    assert [status(slave, each.read) for each in (pair, new)] == [401, 200]


def test_two_workers_know_the_same_keys(tmp_path: Path, slave: SlaveUnderTest, keys_file: Path, pair: KeyPair) -> None:
    other = start_slave(slave.database, API_KEYS=None, API_KEYS_FILE=str(keys_file))
    assert status(other, order(slave, pair.write).read) == 200


def test_a_slave_without_a_keys_file_says_so(tmp_path: Path) -> None:
    settled = start_slave(empty_database(tmp_path))
    answer = settled.post("/remote-api/keys", key=WRITE, json={"public_key": Asker().public_key})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "not_supported")


def test_keys_of_the_settings_stay_good_whatever_the_file_says(tmp_path: Path, keys_file: Path) -> None:
    slave = start_slave(empty_database(tmp_path), API_KEYS_FILE=str(keys_file))
    pair = held(keys_file, KeyPair.new("host1"))
    assert slave.post("/remote-api/keys/settle", key=WRITE).status_code == 200
    slave.clock.advance(60)
    assert [status(slave, key) for key in (READ, pair.read)] == [200, 200]


def test_a_folder_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    keys_file = tmp_path / "keys" / "keys.json"
    keys_file.parent.mkdir()
    slave = start_slave(empty_database(tmp_path), API_KEYS_FILE=str(keys_file))
    keys_file.parent.rmdir()
    answer = slave.post("/remote-api/keys", key=WRITE, json={"public_key": Asker().public_key})
    assert (answer.status_code, answer.get_json()["code"]) == (503, "keys_not_writable")


@pytest.mark.parametrize("public_key", ["", "A" * 43 + "=", "x", None, 1])
def test_what_is_no_public_key_is_refused_before_anything_changes(
    slave: SlaveUnderTest, keys_file: Path, pair: KeyPair, public_key: object
) -> None:
    before = keys_file.read_bytes()
    answer = slave.post("/remote-api/keys", key=pair.write, json={"public_key": public_key})
    assert answer.status_code == 422
    assert keys_file.read_bytes() == before


def test_the_file_is_json_that_a_person_can_read(keys_file: Path, pair: KeyPair) -> None:
    content = json.loads(keys_file.read_text())
    assert content["pairs"][0]["read"]["id"] == pair.read.id
    assert set(content) == {"pairs", "events_url"}
