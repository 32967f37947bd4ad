"""Each page in both languages and both colour schemes, wide and narrow: readable for everybody."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.windows import Look, People, Window, looks, strings
from tests.system.stack.people import CHARLIE

DEVICE_PAGE = "/hosts/host1/device?name=%2Fdev%2Fsda1"
DOCKER_PAGE = "/hosts/host4/device?name=docker"
PAGES = {
    "/": ("usage", "title"),
    "/overview": ("overview", "title"),
    "/hosts": ("hosts", "title"),
    "/hosts/host1": None,
    "/hosts/host3": None,
    "/hosts/host4": None,
    DEVICE_PAGE: None,
    "/mappings": ("mappings", "title"),
    "/audit": ("audit", "title"),
    "/docker": ("docker", "fleet.title"),
    "/docker?view=events": ("docker", "fleet.title"),
    "/nowhere": ("common", "not_found.title"),
}
PHONE = 390


def text(look: Look, namespace: str, key: str) -> str:
    found = strings(look.language, namespace)
    for part in key.split("."):
        found = found[part]
    return str(found)


def assert_good(window: Window, look: Look, where: str) -> None:
    assert window.findings() == [], where
    assert window.overflow() <= 0, where
    assert window.page.evaluate("document.documentElement.lang").startswith(look.language)
    assert window.page.evaluate("document.documentElement.dataset.mantineColorScheme") == look.scheme


@pytest.mark.parametrize("look", [*looks(), *looks(PHONE)], ids=str)
def test_every_page(people: People, look: Look) -> None:
    window = people(None, look).visit("/login")
    assert_good(window, look, "/login")
    assert window.heading() == text(look, "login", "title")
    window = people(CHARLIE, look)
    for path, title in PAGES.items():
        window.visit(path)
        assert_good(window, look, path)
        if title is not None:
            assert window.heading() == text(look, *title)


@pytest.mark.parametrize("look", [Look(), Look("zh", "dark", PHONE)], ids=str)
def test_dockers_objects(people: People, look: Look) -> None:
    window = people(CHARLIE, look).visit(DOCKER_PAGE)
    words = strings(look.language, "docker")
    window.page.get_by_role("tab", name=words["list"]["volume"]).click()
    expect(window.page.get_by_text(words["removal"]["word"]["unmounted"])).to_be_visible()
    assert_good(window, look, DOCKER_PAGE)
    window.page.get_by_role("button", name=words["say"]["of"].replace("{{name}}", "scratch")).click()
    expect(window.page.get_by_role("combobox", name=words["say"]["user"])).to_be_visible()
    expect(window.page.get_by_role("region", name=words["said"]["title"])).to_be_visible()
    assert_good(window, look, "whose it is")


@pytest.mark.parametrize("look", [*looks(), Look(width=PHONE)], ids=str)
def test_the_editor(people: People, look: Look) -> None:
    window = people(CHARLIE, look).visit(DEVICE_PAGE)
    window.page.get_by_role("button", name=re.compile("alice")).first.click()
    drawer = window.page.get_by_role("dialog")
    fields = strings(look.language, "limits")["field"]
    drawer.get_by_label(fields["block_hard_limit"]).fill("0.001")
    drawer.get_by_label(fields["block_soft_limit"]).fill("0.001")
    expect(drawer.get_by_label(strings(look.language, "limits")["confirm"])).to_be_visible()
    assert_good(window, look, "the editor")


def test_language_and_colours_are_switched_and_kept(people: People) -> None:
    window = people(CHARLIE).visit("/hosts")
    page = window.page
    page.get_by_text("中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(strings("zh", "hosts")["title"])
    scheme = strings("zh", "common")["scheme"]
    page.get_by_role("button", name=scheme["label"]).click()
    page.get_by_role("menuitem", name=scheme["dark"]).click()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(strings("zh", "hosts")["title"])
    assert page.evaluate("document.documentElement.dataset.mantineColorScheme") == "dark"


def test_a_phone_has_the_navigation_behind_a_button(people: People) -> None:
    page = people(CHARLIE, Look(width=PHONE)).visit("/").page
    link = page.get_by_role("link", name="Audit trail")
    expect(link).not_to_be_in_viewport()
    page.get_by_role("button", name="Open the navigation").click()
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit trail")


def test_everything_can_be_reached_by_keyboard(people: People) -> None:
    page = people(CHARLIE).visit("/overview").page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
