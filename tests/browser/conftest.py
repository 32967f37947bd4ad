"""A running stack and Debian's chromium, for all browser tests; each test has windows of its own."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.windows import Look, People, Window
from tests.system.stack.dev_stack import DevStack
from tests.system.stack.programs import Program

CHROMIUM = "/usr/bin/chromium"
HERE = Path(__file__).parent
PATIENCE_MS = 60_000
"""Of every step and every expectation: on a busy machine chromium and the servers take many times as long."""
STOPPED_HOST = "host3"
"""Its slave is killed when the stack is up, so that it is stale by the time that somebody looks."""

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands here, and skip it where there is no chromium."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(600))
            if not Path(CHROMIUM).exists():
                item.add_marker(pytest.mark.skip(reason=f"{CHROMIUM} is missing: apt-get install chromium"))


@dataclass
class RunningStack:
    """The stack, and its supervisor."""

    dev: DevStack
    program: Program
    stopped: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Where the dashboard is."""
        return f"http://localhost:{self.dev.master_port}"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    dev = DevStack(tmp_path_factory.mktemp("stack"))
    with dev.start() as program:
        dev.wait(program)
        dev.kill_slave(program, STOPPED_HOST)
        yield RunningStack(dev, program)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    arguments = ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def people(stack: RunningStack, browser: Browser) -> Iterator[People]:
    """Opens windows; what went wrong in one fails the test."""
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def open_window(user_id: str | None, look: Look) -> Page:
        context = browser.new_context(
            base_url=stack.url,
            locale=look.locale,
            color_scheme=look.scheme,
            viewport={"width": look.width, "height": 900},
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console", lambda message: complaints.append(message.text) if "Content Security" in message.text else None
        )
        if user_id is not None:
            page.goto(f"/auth/login?user_id={user_id}")
        return page

    yield lambda user_id=None, look=Look(): Window(open_window(user_id, look))  # noqa: B008 - Look is frozen
    for context in opened:
        context.close()
    assert complaints == []


def pytest_sessionfinish() -> None:
    """Chromium leaves nothing in the environment of whoever comes next."""
    os.environ.pop("PLAYWRIGHT_BROWSERS_PATH", None)
