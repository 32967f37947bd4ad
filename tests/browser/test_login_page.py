"""Who comes in, and what they see."""

from playwright.sync_api import expect

from tests.browser.windows import People
from tests.system.stack.people import ALICE


def test_alice_logs_in_by_the_provider_and_sees_her_own_rows_only(people: People) -> None:
    window = people()
    page = window.page
    page.goto("/")
    page.get_by_role("link", name="Log in").click()
    page.get_by_role("button", name="alice").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My usage")
    items = window.api("/api/me/quotas")["items"]
    assert {row["name"] for row in items} == {"alice"}
    cards = page.get_by_role("list", name="My quotas").get_by_role("listitem")
    expect(cards).to_have_count(len(items))
    for stranger in ("bob", "charlie", "diana", "eve"):
        assert stranger not in page.inner_text("main")
    navigation = page.get_by_role("navigation", name="Main navigation")
    expect(navigation.get_by_role("link")).to_have_text(["My usage", "Tokens"])


def test_admin_pages_are_closed_to_alice(people: People) -> None:
    window = people(ALICE)
    for path in ("/overview", "/hosts", "/hosts/host1", "/hosts/host1/device?name=/dev/sda1", "/mappings", "/audit"):
        window.page.goto(path)
        expect(window.page.get_by_role("heading", level=1, name="This page is for admins")).to_be_visible()
    assert window.page.request.get("/api/rows").status == 403
    assert window.page.request.get("/api/hosts").status == 403


def test_after_logging_out_nothing_is_shown(people: People) -> None:
    window = people(ALICE).settle()
    page = window.page
    page.get_by_role("button", name="Account of alice").click()
    page.get_by_role("menuitem", name="Log out").click()
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    assert page.request.get("/api/me").status == 401
    page.goto("/")
    expect(page.get_by_role("link", name="Log in")).to_be_visible()


def test_one_comes_back_to_the_page_that_was_asked_for(people: People) -> None:
    page = people().page
    page.goto("/hosts")
    page.get_by_role("link", name="Log in").click()
    page.get_by_role("button", name="charlie").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hosts")
