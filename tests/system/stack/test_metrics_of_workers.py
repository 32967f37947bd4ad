"""Several worker processes count, and whoever is scraped tells of all of them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from app.auth.signatures import SlaveAuth
from app.settings.keys import SigningKey
from tests.fakes.ports import free_port
from tests.system.stack.programs import Program, wait_until
from tests.system.stack.settings import key, mock_slave, write_json

WORKERS = 3
SCRAPES = 20


@contextmanager
def slave_of_workers(folder: Path, port: int) -> Iterator[str]:
    settings = mock_slave("host2", port, "host2") | {"READ_INTERVAL_SECONDS": 3600}
    write_json(folder / "config.slave.json", settings)
    command = f'CONFIG_PATH=config.slave.json gunicorn -w {WORKERS} --threads 4 -b 127.0.0.1:{port} "run:app"'
    with Program(command, folder) as slave:
        slave.wait_for(f"http://127.0.0.1:{port}/readyz", 60)
        yield f"http://127.0.0.1:{port}"


def readings(url: str) -> float:
    """How often tank/home was read, as any one worker says."""
    text = requests.get(f"{url}/metrics", timeout=10).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    [count] = [
        sample.value
        for sample in samples
        if (sample.name, sample.labels) == ("qman_reading_duration_seconds_count", {"device": "tank/home"})
    ]
    return count


@pytest.mark.timeout(180)
def test_every_scrape_tells_of_all_workers(checkout: Path) -> None:
    with slave_of_workers(checkout, free_port()) as url:
        wait_until(lambda: readings(url) == WORKERS, 60, "each worker has read the device once")
        assert {readings(url) for _ in range(SCRAPES)} == {WORKERS}
        read_key = SigningKey.model_validate({name: key("host2", "read")[name] for name in ("id", "secret")})
        for _ in range(SCRAPES):
            requests.get(f"{url}/remote-api/quotas", auth=SlaveAuth(read_key), timeout=10).raise_for_status()
        assert {readings(url) for _ in range(SCRAPES)} == {WORKERS}
        files = list(checkout.glob("*.metrics/*/*.json"))
        assert len(files) == WORKERS
        assert all(json.loads(file.read_text())["durations"] for file in files)
    with slave_of_workers(checkout, free_port()) as url:
        assert 1 <= readings(url) <= WORKERS, "a new run begins anew"
