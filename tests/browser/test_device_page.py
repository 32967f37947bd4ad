"""What an admin changes on the page of a device: it is there after a reload, and in the slave's own answer."""

from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import RunningStack
from tests.browser.windows import Look, People, Window
from tests.system.stack.people import CHARLIE

HOST = "host1"
GIB_IN_KIB = 1024 * 1024
PHONE = 390
HARD = "Hard limit of space in GiB"


def device_page(device: str, rest: str = "") -> str:
    return f"/hosts/{HOST}/device?name={quote(device, safe='')}{rest}"


def of_slave(stack: RunningStack, device: str) -> Any:
    """The device as its slave tells it."""
    return next(each for each in stack.dev.ask_slave(HOST, "/remote-api/quotas") if each["name"] == device)


def wait_for_entry(page: Page) -> None:
    """The notification that leads to the audit trail, at every frame: it goes by itself after 10 s."""
    page.get_by_role("link", name="in the audit trail").wait_for()


def choose_everybody(window: Window, device: str) -> Locator:
    """Ticks all rows and opens the form for them."""
    window.visit(device_page(device))
    window.page.get_by_role("checkbox", name="Select all rows of this page").check()
    window.page.get_by_role("button", name="Set limits for").click()
    return window.page.get_by_role("dialog")


def fill_in(drawer: Locator, **limits: str) -> None:
    """Sets limits in the form of many; what is not named stays as it is."""
    labels = {"hard": HARD, "soft": "Soft limit of space in GiB"}
    for name, gib in limits.items():
        drawer.get_by_label(labels[name], exact=True).select_option("set")
        drawer.get_by_label(f"{labels[name]}: new value").fill(gib)


def test_a_group_has_a_tab_and_a_limit_that_stays(people: People, stack: RunningStack) -> None:
    device = "/dev/sda1"
    window = people(CHARLIE).visit(device_page(device))
    page = window.page
    page.get_by_role("tab", name="Groups").click()
    page.get_by_role("button", name="Change the limits of lab").click()
    drawer = page.get_by_role("dialog", name="Limits of lab")
    drawer.get_by_label(HARD).fill("88.5")
    drawer.get_by_label("Reason").fill("one more student")
    drawer.get_by_role("button", name="Set limits").click()
    wait_for_entry(page)
    expect(drawer).to_be_hidden()
    page.reload()
    page.get_by_role("button", name="Change the limits of lab").click()
    expect(page.get_by_label(HARD)).to_have_value("88.5")
    row = next(row for row in of_slave(stack, device)["group_quotas"] if row["name"] == "lab")
    assert row["block_hard_limit"] == 88 * GIB_IN_KIB + GIB_IN_KIB // 2
    entry = window.api("/api/admin/audit")["items"][0]
    assert (entry["quota_type"], entry["target_name"], entry["reason"]) == ("group", "lab", "one more student")


def test_many_get_limits_after_a_preview(people: People, stack: RunningStack) -> None:
    device = "/dev/nvme0n1p1"
    window = people(CHARLIE)
    page = window.page
    before = {row["name"]: row["block_hard_limit"] for row in of_slave(stack, device)["user_quotas"]}
    drawer = choose_everybody(window, device)
    fill_in(drawer, soft="40", hard="50")
    drawer.get_by_role("button", name="Preview").click()
    table = drawer.get_by_role("table", name="What would change")
    expect(table.get_by_role("row")).to_have_count(len(before) + 1)
    below = table.get_by_role("row").filter(has_text="Below usage")
    expect(below).to_have_count(2)  # bob has 63 GiB there, eve 44
    apply = drawer.get_by_role("button", name=f"Set limits of {len(before)}")
    expect(apply).to_be_disabled()
    assert {row["name"]: row["block_hard_limit"] for row in of_slave(stack, device)["user_quotas"]} == before

    drawer.get_by_role("checkbox", name="below the present usage of 2").check()
    apply.click()
    expect(drawer.get_by_text(f"{len(before)} set")).to_be_visible()
    drawer.get_by_role("button", name="Done").click()
    page.reload()
    expect(page.get_by_text("hard limit 50 GiB")).to_have_count(len(before))
    limits = {(row["block_soft_limit"], row["block_hard_limit"]) for row in of_slave(stack, device)["user_quotas"]}
    assert limits == {(40 * GIB_IN_KIB, 50 * GIB_IN_KIB)}


def test_who_cannot_get_a_limit_does_not_stop_the_others(people: People, stack: RunningStack) -> None:
    """Their soft limit of 150 GiB, which bob and charlie keep, forbids a hard one of 140 GiB."""
    device = "/dev/nvme1n1p1"
    window = people(CHARLIE)
    window.visit(device_page(device))
    window.page.get_by_role("button", name="Change the limits of eve").click()
    single = window.page.get_by_role("dialog", name="Limits of eve")
    single.get_by_label("Soft limit of space in GiB").fill("2")
    single.get_by_role("button", name="Set limits").click()
    expect(single).to_be_hidden()
    drawer = choose_everybody(window, device)
    fill_in(drawer, hard="140")
    drawer.get_by_role("button", name="Preview").click()
    expect(drawer.get_by_role("row").filter(has_text="Cannot be set")).to_have_count(2)
    drawer.get_by_role("button", name="Set limits of 1").click()
    expect(drawer.get_by_text("1 set")).to_be_visible()
    hard = {row["name"]: row["block_hard_limit"] // GIB_IN_KIB for row in of_slave(stack, device)["user_quotas"]}
    assert hard == {"bob": 160, "charlie": 160, "eve": 140}


def test_default_limits_stay_and_say_when_they_hold(people: People, stack: RunningStack) -> None:
    device = "/dev/md0"
    window = people(CHARLIE).visit(device_page(device))
    page = window.page
    page.get_by_role("button", name="Change Default limits").click()
    drawer = page.get_by_role("dialog", name=f"Default limits of users on {device}")
    expect(drawer.get_by_text("applies them within 5 minutes")).to_be_visible()
    drawer.get_by_label(HARD).fill("2000")
    drawer.get_by_role("button", name="Set default limits").click()
    wait_for_entry(page)
    expect(drawer).to_be_hidden()
    page.reload()
    card = page.get_by_role("region", name="Default limits")
    expect(card.get_by_text("2000 GiB")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="alice")
    expect(row.get_by_text("Default")).to_be_visible()
    page.get_by_label("Limits", exact=True).select_option("Default")
    expect(page.get_by_role("row").filter(has_text="bob")).to_have_count(0)
    expect(row).to_be_visible()
    rows = {row["name"]: row for row in of_slave(stack, device)["user_quotas"]}
    assert (rows["alice"]["limits_source"], rows["bob"]["limits_source"]) == ("default", "own")


def test_grace_periods_stay(people: People, stack: RunningStack) -> None:
    device = "/dev/sdc1"
    window = people(CHARLIE).visit(device_page(device))
    page = window.page
    page.get_by_role("button", name="Change Grace periods").click()
    drawer = page.get_by_role("dialog", name=f"Grace periods of users on {device}")
    space = drawer.get_by_role("group", name="Space")
    space.get_by_label("Days").fill("10")
    space.get_by_label("Hours").fill("12")
    drawer.get_by_role("button", name="Set grace periods").click()
    wait_for_entry(page)
    expect(drawer).to_be_hidden()
    page.reload()
    expect(page.get_by_role("region", name="Grace periods").get_by_text("10 days 12 hours")).to_be_visible()
    info = of_slave(stack, device)["user_quota_info"]
    assert (info["block_grace"], info["inode_grace"]) == (10 * 86_400 + 12 * 3_600, 604_800)
    page.goto("/audit")
    expect(page.get_by_role("row").filter(has_text="Grace periods set").first).to_contain_text("10 days 12 hours")


def test_what_a_device_cannot_do_is_not_offered(people: People) -> None:
    page = people(CHARLIE).visit("/hosts/host2/device?name=tank%2Fhome").page
    expect(page.get_by_role("region", name="Default limits")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Space")).to_be_visible()
    for missing in ("Files", "Grace"):
        expect(page.get_by_role("columnheader", name=missing)).to_have_count(0)
    expect(page.get_by_role("tab")).to_have_count(0)
    expect(page.get_by_role("region", name="Grace periods")).to_have_count(0)


def test_many_get_limits_by_keyboard(people: People) -> None:
    page = people(CHARLIE).visit(device_page("/dev/sdb1")).page
    page.get_by_role("checkbox", name="Select charlie").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Set limits for 1").focus()
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog", name="Limits for 1 quota")
    drawer.get_by_label("Hard limit of files", exact=True).focus()
    page.keyboard.press("s")  # the option that begins so: Set to
    page.keyboard.press("Tab")
    page.keyboard.type("9000000")
    page.keyboard.press("Enter")
    apply = drawer.get_by_role("button", name="Set limits of 1")
    apply.focus()
    page.keyboard.press("Enter")
    expect(drawer.get_by_text("1 set")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


@pytest.mark.parametrize("width", [1280, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_form_is_readable_for_everybody(people: People, scheme: Any, width: int) -> None:
    device = "/dev/sda1"
    window = people(CHARLIE, Look("en", scheme, width))
    dialog = window.page.get_by_role("dialog")
    for rest in ("&type=group", "&panel=grace", "&panel=defaults"):
        window.visit(device_page(device, rest))
        if "panel" in rest:
            expect(dialog).to_be_visible()
        assert window.findings() == [], rest
        assert window.overflow() <= 0, rest
    drawer = choose_everybody(window, device)
    fill_in(drawer, hard="1")
    assert window.findings() == [], "the form of many"
    drawer.get_by_role("button", name="Preview").click()
    expect(drawer.get_by_text("Nothing is changed yet.")).to_be_visible()
    assert window.findings() == [], "the preview of many"
    assert window.overflow() <= 0, "the preview of many"
