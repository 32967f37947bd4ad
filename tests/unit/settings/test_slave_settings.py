"""What a slave's settings may be, and the one line that says what is wrong with others."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.settings.files import SettingsError
from app.settings.slave import SlaveSettings, load_slave_settings

FILE = Path("config.slave.json")
SECRET = "k" * 40
KEY = {"id": "r1", "secret": SECRET, "scope": "read"}
EXAMPLE = {"id": "r1", "secret": "example-read-secret-of-host1-0123456789abcdef", "scope": "read"}
MINIMUM = {"SLAVE_HOST_ID": "host1", "API_KEYS": [KEY]}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def load(environment: dict[str, str] | None = None, **changes: Any) -> SlaveSettings:
    return load_slave_settings(FILE, {**MINIMUM, **changes}, environment or {})


def refusal(environment: dict[str, str] | None = None, **changes: Any) -> str:
    with pytest.raises(SettingsError) as refused:
        load(environment, **changes)
    line = str(refused.value)
    assert "\n" not in line
    assert SECRET not in line
    return line


def test_defaults() -> None:
    settings = load()
    assert (settings.BIND, settings.PORT, settings.USE_PYQUOTA, settings.MOCK_QUOTA) == ("127.0.0.1", 8437, True, False)
    assert settings.database_url == "sqlite:///qman-slave-host1.sqlite"
    assert (settings.READ_INTERVAL_SECONDS, settings.DEVICE_TIMEOUT_SECONDS, settings.BASE_PATH) == (15, 5, "")
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"SLAVE_HOST_ID": ""}, "SLAVE_HOST_ID: found "),
        ({"SLAVE_HOST_ID": "../x"}, "SLAVE_HOST_ID: found "),
        ({"ROLE": "master"}, "ROLE: found "),
        ({"PORT": "8437"}, 'PORT: found "8437", expected a valid integer'),
        ({"PORT": 0}, "PORT: found 0, expected greater than or equal to 1"),
        ({"PORT": 65536}, "PORT: found 65536"),
        ({"PORT": 8437.0}, "PORT: found 8437.0"),
        ({"PORT": None}, "PORT: found null"),
        ({"BIND": ""}, "BIND: found "),
        ({"BASE_PATH": "slaves/h1"}, "BASE_PATH: found "),
        ({"BASE_PATH": "/slaves/"}, "BASE_PATH: found "),
        ({"METRICS_ALLOW": ["10.0.0.1/8"]}, "METRICS_ALLOW.0: found "),
        ({"METRICS_ALLOW": ["intranet"]}, 'METRICS_ALLOW.0: found "intranet", expected a network like'),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL: found a str (not shown), expected sqlite:///FILE"),
        ({"API_KEYS": []}, "API_KEYS: found "),
        ({"API_KEYS": [KEY, KEY]}, "API_KEYS: found r1 twice, expected each once"),
        (
            {"API_KEYS": [{**KEY, "secret": "short"}]},
            "API_KEYS.0.secret: found a str (not shown), expected at least 32",
        ),
        ({"API_KEYS": [{**KEY, "scope": "admin"}]}, "API_KEYS.0.scope: found "),
        ({"API_KEYS": [{**KEY, "id": "a b"}]}, "API_KEYS.0.id: found "),
        ({"API_KEYS": [{**KEY, "colour": 1}]}, "API_KEYS.0.colour: found an unknown key"),
        ({"API_KEYS": [SECRET]}, "API_KEYS.0: found "),
        ({"MOCK_QUOTA": True}, "MOCK_HOST_ID: found nothing, expected host1, host2, host3 or host4"),
        ({"MOCK_QUOTA": True, "MOCK_HOST_ID": "host5"}, "MOCK_HOST_ID: found "),
        ({"MOCK_QUOTA": 1}, "MOCK_QUOTA: found 1"),
        ({"USE_PYQUOTA": False}, "USE_PYQUOTA: found every backend off, expected at least one"),
        ({"ZFS_DATASETS": ["tank; rm -rf /"]}, "ZFS_DATASETS.0: found "),
        ({"ZFS_DATASETS": ["/tank"]}, "ZFS_DATASETS.0: found "),
        ({"BTRFS_SUBVOLUMES": []}, "BTRFS_SUBVOLUMES: found a list of 0"),
        ({"BTRFS_SUBVOLUMES": ["{mount}/home"]}, 'BTRFS_SUBVOLUMES.0: found "{mount}/home", expected a path with one'),
        ({"BTRFS_SUBVOLUMES": ["{user}"]}, "BTRFS_SUBVOLUMES.0: found "),
        ({"BTRFS_SUBVOLUMES": ["/{user}/{user}"]}, "BTRFS_SUBVOLUMES.0: found "),
        ({"BTRFS_SUBVOLUMES": ["/x{mount}/{user}"]}, "BTRFS_SUBVOLUMES.0: found "),
        ({"BTRFS_SUBVOLUMES": ["{mount}//{user}"]}, "BTRFS_SUBVOLUMES.0: found "),
        ({"BTRFS_SUBVOLUMES": ["{mount}/{user}/"]}, "BTRFS_SUBVOLUMES.0: found "),
        ({"BTRFS_LIMIT": "both"}, "BTRFS_LIMIT: found "),
        ({"DOCKER_QUOTA_RESERVED_BYTES": -1}, "DOCKER_QUOTA_RESERVED_BYTES: found -1"),
        ({"DOCKER_QUOTA_ENFORCEMENT_ORDER": "any"}, "DOCKER_QUOTA_ENFORCEMENT_ORDER: found "),
        ({"DOCKER_QUOTA_ENFORCE_INTERVAL_SECONDS": 0}, "DOCKER_QUOTA_ENFORCE_INTERVAL_SECONDS: found 0"),
        ({"DOCKER_QUOTA_GRACE_SECONDS": 10**30}, "DOCKER_QUOTA_GRACE_SECONDS: found "),
        ({"DOCKER_QUOTA_EXEMPT_LABEL": "=true"}, "DOCKER_QUOTA_EXEMPT_LABEL: found "),
        ({"DOCKER_QUOTA_EXEMPT_USERS": [""]}, "DOCKER_QUOTA_EXEMPT_USERS.0: found "),
        ({"READ_INTERVAL_SECONDS": -1}, "READ_INTERVAL_SECONDS: found -1"),
        ({"DEVICE_TIMEOUT_SECONDS": 0}, "DEVICE_TIMEOUT_SECONDS: found 0"),
        ({"MASTER_EVENT_CALLBACK_URL": "ftp://x"}, "MASTER_EVENT_CALLBACK_URL: found "),
        ({"MASTER_EVENT_CALLBACK_SECRET": "short"}, "MASTER_EVENT_CALLBACK_SECRET: found a str (not shown)"),
        (
            {"MASTER_EVENT_CALLBACK_CA_FILE": "/nowhere/ca.pem"},
            'MASTER_EVENT_CALLBACK_CA_FILE: found "/nowhere/ca.pem", expected a file that can be read',
        ),
        (
            {"MASTER_EVENT_CALLBACK_CA_FILE": "/etc/passwd"},
            'MASTER_EVENT_CALLBACK_CA_FILE: found "/etc/passwd", expected a file of certificates (PEM)',
        ),
        ({"SLAVES": []}, "SLAVES: found an unknown key"),
        ({"line\nbreak": 1}, "line break: found an unknown key"),
        ({"BIND": "0.0.0.0", "API_KEYS": [EXAMPLE]}, "API_KEYS.0.secret: found the example's secret"),
        (
            {"BIND": "10.0.0.1", "MASTER_EVENT_CALLBACK_SECRET": EXAMPLE["secret"]},
            "MASTER_EVENT_CALLBACK_SECRET: found",
        ),
    ],
)
def test_refused_settings_name_file_and_key(changes: dict[str, Any], said: str) -> None:
    assert refusal(**changes).startswith(f"{FILE}: {said}")


@pytest.mark.parametrize(
    ("marks", "is_fine"),
    [
        ({"hard_bytes": 3, "pause_bytes": 2, "resume_bytes": 1}, True),
        ({"hard_bytes": 2, "pause_bytes": 2, "resume_bytes": 1}, True),
        ({"pause_percent": 80, "resume_percent": 70}, True),
        ({"hard_bytes": 1, "pause_bytes": 2, "resume_bytes": 1}, False),
        ({"hard_bytes": 3, "pause_bytes": 2, "resume_bytes": 2}, False),
        ({"hard_bytes": 3, "resume_bytes": 4}, False),
        ({"pause_percent": 70, "resume_percent": 80}, False),
    ],
)
def test_marks_of_an_area_are_in_order(marks: dict[str, int], is_fine: bool) -> None:
    area = {"name": "images", "roots": {"images": "/srv/images"}, "watermarks": marks}
    if is_fine:
        assert load(STORAGE_AREAS=[area], USE_PYQUOTA=False).STORAGE_AREAS[0].name == "images"
    else:
        assert "STORAGE_AREAS.0.watermarks: found an object, expected resume below pause" in refusal(
            STORAGE_AREAS=[area]
        )


def test_btrfs_is_enough_and_off_unless_asked_for() -> None:
    assert not load().USE_BTRFS
    settings = load(USE_PYQUOTA=False, USE_BTRFS=True, BTRFS_SUBVOLUMES=["/srv/@{user}/data", "{mount}/{user}"])
    assert settings.BTRFS_SUBVOLUMES == ("/srv/@{user}/data", "{mount}/{user}")
    assert load().BTRFS_LIMIT == "referenced"


@pytest.mark.parametrize("bind", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_example_secrets_are_fine_on_loopback(bind: str) -> None:
    assert load(BIND=bind, API_KEYS=[EXAMPLE]).in_development


def test_the_environment_is_over_the_file_and_named_when_wrong() -> None:
    assert load({"QMAN_PORT": "9000", "DATABASE_URL": "sqlite:///x"}).PORT == 9000
    assert load({"QMAN_SLAVE_HOST_ID": "9"}).SLAVE_HOST_ID == "9"
    assert refusal({"QMAN_PORT": "nine"}).startswith("environment QMAN_PORT: PORT: found ")
    assert refusal({"QMAN_API_KEYS": "[1"}).startswith("environment QMAN_API_KEYS: API_KEYS: found ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "the file is missing"),
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"[]", "found list, expected a JSON object"),
        (b"\xff\xfe", "cannot be read"),
        (b"{}", "SLAVE_HOST_ID: found nothing, expected a value"),
    ],
)
def test_files_that_are_none(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "config.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=said) as refused:
        load_slave_settings(file, environment={})
    assert str(refused.value).startswith(f"{file}: ")


@settings(deadline=None)  # a busy machine is no failure
@given(st.sampled_from(sorted(SlaveSettings.model_fields)), JSON)
def test_whatever_stands_at_a_key_is_taken_or_refused_in_one_line(key: str, value: Any) -> None:
    said = found_wrong(key, value)
    assert said is None or (len(said.splitlines()) == 1 and key in said)


def found_wrong(key: str, value: Any) -> str | None:
    try:
        load(**{key: value})
    except SettingsError as refused:
        return str(refused)
    return None
