"""Errors and the table that renders them agree, and each code is explained to people."""

import importlib
import pkgutil
from collections.abc import Iterator

import app
from app.quota.errors import QmanError
from app.web.problems import PROBLEMS
from tests.architecture.sources import text_of


def error_classes(root: type[QmanError] = QmanError) -> Iterator[type[QmanError]]:
    """The tree of errors, of every module of the product."""
    yield root
    for child in root.__subclasses__():
        yield from error_classes(child)


def import_everything() -> None:
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if not module.name.endswith(("__main__", "celery_app")):  # programs, not modules
            importlib.import_module(module.name)


def test_each_error_has_its_row_and_each_row_its_error() -> None:
    import_everything()
    codes = {error.code for error in error_classes() if error.__module__.startswith("app.")}
    assert codes - PROBLEMS.keys() == set()
    assert PROBLEMS.keys() - codes == set()


def test_each_code_is_explained() -> None:
    text = text_of("docs/problems.md")
    assert [code for code, (status, _) in PROBLEMS.items() if f"| `{code}` | {status} |" not in text] == []
