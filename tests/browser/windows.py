"""What a person sees in a window: pages by their headings, and axe's opinion of them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol

from playwright.sync_api import Page, expect

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
STRINGS = ROOT / "frontend/src/i18n"
Language = Literal["en", "zh"]
Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class Look:
    """How a window looks: language, colours, width."""

    language: Language = "en"
    scheme: Scheme = "light"
    width: int = 1280

    def __str__(self) -> str:
        """A name for a test."""
        return f"{self.language}-{self.scheme}-{self.width}"

    @property
    def locale(self) -> str:
        """As browsers name it."""
        return {"en": "en-GB", "zh": "zh-CN"}[self.language]


@cache
def strings(language: Language, namespace: str) -> Any:
    """The texts of the dashboard."""
    return json.loads((STRINGS / language / f"{namespace}.json").read_text(encoding="utf-8"))


class Window:
    """A page with what the tests ask of each."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def visit(self, path: str) -> "Window":
        """Opens a path and waits until the page has its figures."""
        self.page.goto(path)
        return self.settle()

    def settle(self) -> "Window":
        """Waits until nothing is being loaded."""
        self.page.get_by_role("heading", level=1).first.wait_for()
        expect(self.page.locator("[class*=Loader-root], [class*=Skeleton-root]")).to_have_count(0)
        return self

    def heading(self) -> str:
        """What the page is called."""
        return self.page.get_by_role("heading", level=1).first.inner_text()

    def findings(self) -> list[str]:
        """What axe finds wrong, by any of its rules."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        result = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{violation['id']}: {node['html'][:160]} ({node['failureSummary'][:200]})"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def api(self, path: str) -> Any:
        """What the master answers to this window's session."""
        answer = self.page.request.get(path)
        assert answer.ok, f"{path}: {answer.status}"
        return answer.json()


class People(Protocol):
    """Opens a window for somebody who is logged in, or for nobody."""

    def __call__(self, user_id: str | None = None, look: Look = ...) -> Window: ...


def looks(width: int = 1280) -> Iterator[Look]:
    """Both languages in both colour schemes."""
    languages: tuple[Language, ...] = ("en", "zh")
    schemes: tuple[Scheme, ...] = ("light", "dark")
    for language in languages:
        for scheme in schemes:
            yield Look(language, scheme, width)
