"""Pages that live on what was changed, made or measured before: readable for everybody, charts drawn."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import RunningStack
from tests.browser.test_pages import DEVICE_PAGE, PHONE, assert_good
from tests.browser.windows import Look, People, Window, strings
from tests.system.stack.people import CHARLIE, Person

DEVICE = "/dev/sda1"
CSV = f"""host,device,id,name,block_hard_limit
host1,{DEVICE},30900,,900GiB
host1,{DEVICE},,somebody-with-a-long-name-who-was-never-here,1GiB
host3,tank/home,30901,,900GiB
"""
LOOKS = (Look(), Look("zh", "dark", PHONE))
DAY = timedelta(days=1)
POINTS = 91


@pytest.fixture(scope="module")
def paths(stack: RunningStack) -> list[str]:
    """A draft, a batch, and the lists that they stand in."""
    charlie = Person(stack.dev.master_port, CHARLIE)
    draft = post(charlie, "/api/admin/imports", {"csv": CSV})
    limits = {"device": DEVICE, "ids": [30902], "limits": {"block_hard_limit": 1024}}
    batch = post(charlie, "/api/quotas/host1/batch", limits)
    post(charlie, "/api/me/tokens", {"name": "for the nightly report", "scopes": ["read"]})
    sets = [f"/import/{draft['id']}", f"/import/{batch['change_set']}"]
    return ["/import", *sets, "/tokens", "/tokens?of=all", "/people", f"/people/{charlie.me['id']}"]


def post(person: Person, path: str, body: Any) -> Any:
    answer = person.session.post(person.url + path, json=body, timeout=20)
    assert answer.ok, f"{path}: {answer.status_code} {answer.text[:300]}"
    return answer.json()


def days() -> list[str]:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return [(today - DAY * (POINTS - 1 - number)).isoformat().replace("+00:00", "Z") for number in range(POINTS)]


def answer_history(route: Route) -> None:
    limits = {"block_hard_limit": 10 * 2**20, "inode_current": 7}
    points = [{"at": at, "block_current": 2**30 + n * 2**26, **limits} for n, at in enumerate(days())]
    route.fulfill(json={"points": points, "resolution_seconds": DAY.total_seconds()})


def answer_overview(route: Route) -> None:
    """What the master says, with the trend of a fleet that is older than this test."""
    trend = [{"at": at, "used": 2**42 + n * 2**36, "total": 2**44, "devices": 9} for n, at in enumerate(days())]
    route.fulfill(json=route.fetch().json() | {"trend": trend})


def assert_drawn(window: Window, look: Look, where: str) -> None:
    """The chart stands there with a line; pointed at, it tells the figure and when that was."""
    chart = window.page.locator(".recharts-surface").first
    expect(window.page.locator(".recharts-area-curve").first).to_be_visible()
    assert_good(window, look, where)
    chart.hover()
    tooltip = window.page.locator(".recharts-tooltip-wrapper").first
    expect(tooltip).to_have_text(re.compile(r"20\d\d.*GiB"))


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_each_of_them(people: People, paths: list[str], look: Look) -> None:
    window = people(CHARLIE, look)
    for path in paths:
        assert_good(window.visit(path), look, path)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_charts_of_what_was_measured(people: People, look: Look) -> None:
    window = people(CHARLIE, look)
    window.page.route(re.compile("/api/history"), answer_history)
    window.page.route("**/api/overview", answer_overview)
    for path in ("/overview", DEVICE_PAGE):
        assert_drawn(window.visit(path), look, path)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_host_is_added(people: People, look: Look) -> None:
    window = people(CHARLIE, look).visit("/hosts")
    texts = strings(look.language, "hosts")["add"]
    window.page.get_by_role("button", name=texts["title"]).click()
    expect(window.page.get_by_role("dialog").get_by_label(texts["url"])).to_be_visible()
    assert_good(window, look, "the form for a host")
