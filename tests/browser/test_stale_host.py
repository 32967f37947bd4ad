"""A host whose slave was killed: its last figures, their age, and why."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import STOPPED_HOST, RunningStack
from tests.browser.windows import People
from tests.system.stack.people import ALICE, CHARLIE
from tests.system.stack.programs import wait_until

UNTIL_STALE = 120


def test_a_stale_host_is_shown_with_its_reason_and_last_figures(people: People, stack: RunningStack) -> None:
    window = people(CHARLIE)
    page = window.page
    wait_until(
        lambda: window.api(f"/api/hosts/{STOPPED_HOST}")["state"] == "stale", UNTIL_STALE, f"{STOPPED_HOST} is stale"
    )
    window.visit("/overview")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=STOPPED_HOST))
    expect(row.filter(has_text="Stale").first).to_be_visible()
    window.visit(f"/hosts/{STOPPED_HOST}")
    expect(page.get_by_role("status").filter(has_text="The figures below are the last ones known.")).to_be_visible()
    expect(page.get_by_role("link", name="tank/home")).to_be_visible()
    assert window.findings() == []

    mine = people(ALICE).settle()
    card = mine.page.get_by_role("listitem").filter(has_text=re.compile(f"on {STOPPED_HOST}"))
    expect(card.get_by_text("Stale", exact=True).first).to_be_visible()
    assert mine.findings() == []
