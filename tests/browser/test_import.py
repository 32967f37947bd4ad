"""A CSV of 1,000 changes: previewed, carried out, three explained, and all of it brought back."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import RunningStack
from tests.browser.windows import People
from tests.system.stack.people import CHARLIE

LIMITS = ("block_soft_limit", "block_hard_limit", "inode_soft_limit", "inode_hard_limit")
DEVICE = "/dev/sda1"
HARD = [f"{size}GiB" for size in (900, 910, 920, 930)]
WRONG = (f"nohost,{DEVICE},1000,,1GiB", f"host1,{DEVICE},,nobody,1GiB", f"host1,{DEVICE},1001,,1GB")
TWO_MINUTES = 120_000


def limits_on_the_host(stack: RunningStack) -> dict[int, tuple[int, ...]]:
    devices = stack.dev.ask_slave("host1", "/remote-api/quotas")
    rows = next(device for device in devices if device["name"] == DEVICE)["user_quotas"]
    return {row["uid"]: tuple(row[name] for name in LIMITS) for row in rows}


def see_what_is_wrong(page: Page) -> None:
    page.get_by_text("Only wrong").click()
    table = page.get_by_role("table", name="Lines")
    for line, expected in (("999", "nohost"), ("1,000", "nobody"), ("1,001", "1GB")):
        row = table.get_by_role("row").filter(has=page.get_by_role("cell", name=line, exact=True))
        expect(row).to_contain_text(f"{expected} – expected")


def test_a_thousand_changes_of_a_file_and_all_of_them_undone(
    people: People, stack: RunningStack, tmp_path: Path
) -> None:
    names = ["1000", "1002", "1003", *(str(uid) for uid in range(20_000, 20_994))]
    lines = [f"host1,{DEVICE},{uid},,{HARD[number % len(HARD)]}" for number, uid in enumerate(names)]
    file = tmp_path / "spring.csv"
    file.write_text("\n".join(("host,device,id,name,block_hard_limit", *lines, *WRONG)), encoding="utf-8-sig")
    before = limits_on_the_host(stack)

    window = people(CHARLIE)
    page = window.page
    page.goto("/overview")
    page.get_by_role("navigation", name="Main navigation").get_by_role("link", name="Import").click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("997 quotas would be changed")).to_be_visible()
    see_what_is_wrong(page)
    assert limits_on_the_host(stack) == before

    page.get_by_label("Reason").fill("spring term")
    page.get_by_role("button", name="Change 997 quotas").click()
    page.get_by_role("progressbar", name="Progress").wait_for()  # it looks at every frame, `expect` once in a second
    ended = page.get_by_role("status").filter(has_text="1,000 lines · 997 done · 3 wrong")
    expect(ended).to_be_visible(timeout=TWO_MINUTES)
    after = limits_on_the_host(stack)
    sizes = [int(size.removesuffix("GiB")) * 1024 * 1024 for size in HARD]
    assert [after[int(uid)][1] for uid in names] == [sizes[number % 4] for number in range(997)]
    import_path = page.url.split("?")[0].rsplit("/", 1)[-1]
    assert window.api(f"/api/admin/audit?change_set={import_path}&outcome=applied")["total"] == 997

    page.get_by_role("button", name="Undo all").click()
    page.get_by_role("dialog").get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Undo")).to_be_visible()
    undone = page.get_by_role("status").filter(has_text="997 lines · 997 done")
    expect(undone).to_be_visible(timeout=TWO_MINUTES)
    stand = limits_on_the_host(stack)
    assert {uid: stand[uid] for uid in before} == before
    assert {stand[int(uid)] for uid in names if int(uid) not in before} == {(0, 0, 0, 0)}
