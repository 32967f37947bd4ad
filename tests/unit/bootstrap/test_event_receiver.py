"""Where the events of a slave go, and with which key."""

from datetime import timedelta
from pathlib import Path

from app.bootstrap.enforcement import find_receiver
from app.settings.keys import KeyPair
from app.settings.keys_file import HeldKeys, HeldPair, write_keys
from tests.fakes.slave_app import NOON, slave_settings

URL = "https://master.example/api/internal/slave-events"
SECRET = "a-secret-of-the-settings-0123456789"


def test_what_the_settings_name_goes_first() -> None:
    settings = slave_settings(MASTER_EVENT_CALLBACK_URL=URL, MASTER_EVENT_CALLBACK_SECRET=SECRET)
    receiver = find_receiver(settings, lambda: NOON)
    assert receiver is not None
    assert (receiver.url, receiver.key.id, receiver.key.secret.get_secret_value()) == (URL, "host1-events", SECRET)
    named = settings.model_copy(update={"MASTER_EVENT_CALLBACK_KEY_ID": "k1"})
    found = find_receiver(named, lambda: NOON)
    assert found is not None
    assert found.key.id == "k1"


def test_an_enrolled_host_tells_its_master_with_the_newest_key_in_use(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    settings = slave_settings(API_KEYS_FILE=str(file))
    assert find_receiver(settings, lambda: NOON) is None
    old, new = (HeldPair.model_validate(KeyPair.new("host1").plain()) for _ in range(2))
    pairs = (old.model_copy(update={"until": NOON + timedelta(hours=1)}), new.model_copy(update={"in_use": False}))
    write_keys(file, HeldKeys(pairs=pairs, events_url=URL))
    receiver = find_receiver(settings, lambda: NOON)
    assert receiver is not None
    assert (receiver.url, receiver.key.id) == (URL, old.event.id)
    later = find_receiver(settings, lambda: NOON + timedelta(hours=2))
    assert later is not None
    assert later.key.id == new.event.id


def test_without_a_master_events_go_nowhere() -> None:
    assert find_receiver(slave_settings(), lambda: NOON) is None
    assert find_receiver(slave_settings(MASTER_EVENT_CALLBACK_URL=URL), lambda: NOON) is None
