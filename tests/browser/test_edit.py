"""An admin changes a limit: it is there after a reload, in the slave's own answer, and in the audit trail."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import RunningStack
from tests.browser.windows import People
from tests.system.stack.people import CHARLIE

HOST, DEVICE, USER = "host1", "/dev/sdb1", "alice"
GIB_IN_KIB = 1024 * 1024


def find_row(page: Page) -> None:
    """From the overview to the device, as a person goes there."""
    page.goto("/overview")
    navigation = page.get_by_role("navigation", name="Main navigation")
    navigation.get_by_role("link", name="Hosts").click()
    page.get_by_role("table", name="Hosts").get_by_role("link", name=HOST, exact=True).click()
    page.get_by_role("link", name=DEVICE, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(DEVICE)


def test_a_limit_set_in_the_browser_is_set_everywhere(people: People, stack: RunningStack) -> None:
    window = people(CHARLIE)
    page = window.page
    find_row(page)
    page.get_by_role("button", name=f"Change the limits of {USER}", exact=True).click()
    drawer = page.get_by_role("dialog", name=f"Limits of {USER}")
    drawer.get_by_label("Hard limit of space in GiB").fill("777")
    drawer.get_by_label("Soft limit of space in GiB").fill("700.5")
    drawer.get_by_label("Reason").fill("a thesis, until June")
    expect(drawer.get_by_role("deletion")).to_have_count(2)
    expect(drawer.get_by_role("insertion").filter(has_text=re.compile("777"))).to_be_visible()
    drawer.get_by_role("button", name="Set limits").click()
    expect(drawer).to_be_hidden()

    page.reload()
    page.get_by_role("button", name=f"Change the limits of {USER}", exact=True).click()
    expect(page.get_by_label("Hard limit of space in GiB")).to_have_value("777")
    expect(page.get_by_label("Soft limit of space in GiB")).to_have_value("700.5")

    devices = stack.dev.ask_slave(HOST, "/remote-api/quotas")
    rows = next(device for device in devices if device["name"] == DEVICE)["user_quotas"]
    row = next(row for row in rows if row["name"] == USER)
    assert row["block_hard_limit"] == 777 * GIB_IN_KIB
    assert row["block_soft_limit"] == 700 * GIB_IN_KIB + GIB_IN_KIB // 2

    entry = window.api("/api/admin/audit")["items"][0]
    assert entry["actor"]["name"] == "charlie"
    assert (entry["host"], entry["device"], entry["target_name"]) == (HOST, DEVICE, USER)
    assert entry["after"]["block_hard_limit"] == 777 * GIB_IN_KIB
    assert (entry["reason"], entry["outcome"]) == ("a thesis, until June", "applied")
    page.goto("/audit")
    expect(page.get_by_role("table").get_by_text("a thesis, until June").first).to_be_visible()


def test_a_limit_below_usage_must_be_confirmed(people: People) -> None:
    window = people(CHARLIE)
    page = window.page
    find_row(page)
    page.get_by_role("button", name="Change the limits of bob", exact=True).click()
    drawer = page.get_by_role("dialog", name="Limits of bob")
    drawer.get_by_label("Soft limit of space in GiB").fill("")
    drawer.get_by_label("Hard limit of space in GiB").fill("0.001")
    confirm = drawer.get_by_label("Yes, set limits below the present usage")
    expect(confirm).to_be_visible()
    drawer.get_by_role("button", name="Set limits").click()
    expect(drawer.get_by_text("Please confirm, or raise the limit")).to_be_visible()
    drawer.get_by_role("button", name="Cancel").click()
    expect(drawer).to_be_hidden()


def test_what_cannot_be_is_refused_at_the_field(people: People) -> None:
    page = people(CHARLIE).page
    find_row(page)
    page.get_by_role("button", name="Change the limits of bob", exact=True).click()
    drawer = page.get_by_role("dialog", name="Limits of bob")
    for wrong in ("ten", "0", "-3", "99999999999"):
        field = drawer.get_by_label("Hard limit of space in GiB")
        field.fill(wrong)
        drawer.get_by_role("button", name="Set limits").click()
        expect(field).to_have_attribute("aria-invalid", "true")
