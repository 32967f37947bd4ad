"""`GET /metrics` of the master: the fleet in counts, for anybody, naming nobody."""

from prometheus_client.parser import text_string_to_metric_families

from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.slaves import FleetOfSlaves


def scraped(master: MasterWithPeople) -> dict[tuple[str, str], float]:
    """Values by name and the one label's value."""
    answer = master.nobody().get("/metrics")
    assert (answer.status_code, answer.content_type) == (200, "text/plain; version=0.0.4; charset=utf-8")
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_the_fleet_in_counts(master: MasterWithPeople, admin: LoggedIn) -> None:
    overview, found = admin.get("/api/overview").get_json(), scraped(master)
    for state in ("ok", "stale", "never", "suspended"):
        assert found["qman_hosts", state] == overview["hosts"][state]
    for status, count in overview["rows"].items():
        assert found["qman_quotas", status] == count
    assert found["qman_hosts", "ok"] == 2
    assert sum(overview["rows"].values()) >= 60
    assert found["qman_devices", ""] == overview["devices"]
    assert ("qman_host_problems", "refused") not in found


def test_hosts_that_are_not_read_any_more(master: MasterWithPeople) -> None:
    master.clock.forward(3600)
    found = scraped(master)
    assert (found["qman_hosts", "ok"], found["qman_hosts", "stale"]) == (0, 2)
    assert found["qman_oldest_snapshot_age_seconds", ""] >= 3600
    assert found["qman_last_attempt_age_seconds", ""] >= 3600


def test_it_names_nobody(master: MasterWithPeople, slaves: FleetOfSlaves) -> None:
    text = master.nobody().get("/metrics").text
    hosts = [str(entry["id"]) for entry in slaves.entries()]
    assert hosts
    assert not any(name in text for name in ("user1", "/dev/", *hosts))
