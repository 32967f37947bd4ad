"""The project's own files, as the tests here look at them: what git tracks, or would."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GENERATED = ("frontend/src/api/generated/", "alembic/versions/", "docs/openapi/")


@cache
def project_files() -> tuple[str, ...]:
    """Paths from the root, tracked or new, of files that are there."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(sorted(path for path in listed.split("\0") if path and (ROOT / path).is_file()))


def hand_written(*suffixes: str, under: tuple[str, ...] = ("",)) -> list[str]:
    """The files with these suffixes that no program wrote."""
    return [
        path
        for path in project_files()
        if path.endswith(suffixes) and path.startswith(under) and not path.startswith(GENERATED)
    ]


def text_of(path: str) -> str:
    """What stands in a file."""
    return (ROOT / path).read_text(encoding="utf-8")


def lines_of(path: str) -> list[str]:
    """Its lines."""
    return text_of(path).splitlines()


def functions_of(path: str) -> Iterator[tuple[str, int]]:
    """(name, its own lines) of each function of a Python file: without its docstring and the functions inside it."""
    for node in ast.walk(ast.parse(text_of(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = [each for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
            docstring = node.body[:1] if ast.get_docstring(node) is not None else []
            yield node.name, _lines(node) - sum(map(_lines, [*inner, *docstring]))


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1
