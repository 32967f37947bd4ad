"""Each exception to a rule carries its reason beside it."""

import ast
import re

from tests.architecture.sources import hand_written, lines_of, text_of

MARKS = {
    ".py": re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma)\b(?P<rest>.*)"),
    ".ts": re.compile(r"(?:eslint-disable|@ts-expect-error|@ts-ignore)(?P<rest>.*)"),
    ".tsx": re.compile(r"(?:eslint-disable|@ts-expect-error|@ts-ignore)(?P<rest>.*)"),
}
REASON = re.compile(r"(?:\s-\s|\s--\s|#\s).*\w{2,}.*\w{2,}")
BROAD_PLACES = ("app/master/collector/", "app/master/chores.py", "app/tasks/")
"""Where `except Exception` may stand: the collector's per-host guard, that of each chore, and the task base. The
last-resort handler of the web is registered with Flask and needs none."""


def test_each_silenced_finding_has_its_reason() -> None:
    bare = [
        f"{path}:{number}"
        for suffix, mark in MARKS.items()
        for path in hand_written(suffix)
        if path != "tests/architecture/test_exceptions_to_rules.py"
        for number, line in enumerate(lines_of(path), 1)
        if (found := mark.search(line)) and not REASON.search(found["rest"])
    ]
    assert bare == []


def catches_everything(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(
        each is None or (isinstance(each, ast.Name) and each.id in {"Exception", "BaseException"}) for each in caught
    )


def test_everything_is_caught_only_where_it_may_be() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path in hand_written(".py", under=("app/", "run.py", "scripts/"))
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.ExceptHandler) and catches_everything(node) and not path.startswith(BROAD_PLACES)
    ]
    assert found == []
