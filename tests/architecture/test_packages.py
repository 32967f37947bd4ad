"""What is installed is what was locked, from wherever the machine gets its packages."""

import re
import tomllib

import pytest

from tests.architecture.sources import project_files, text_of

REGISTRIES = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "npmjs" + ".com", "debian" + ".org/debian")
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[\w,-]+\])?==(\S+)", re.MULTILINE)
NAME = re.compile(r"^[A-Za-z0-9._-]+")


def pins(file: str) -> dict[str, str]:
    return {normal(name): version for name, version in PINNED.findall(text_of(file))}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(requirements: list[str]) -> set[str]:
    return {normal(found[0]) for text in requirements if (found := NAME.match(text))}


def test_the_lock_has_everything_that_the_project_asks_for() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))
    asked = wanted(project["project"]["dependencies"])
    assert asked - pins("requirements.txt").keys() == set()
    assert asked | wanted(project["dependency-groups"]["dev"]) <= pins("requirements-dev.txt").keys()


def test_the_lock_for_tests_contains_the_lock_for_running() -> None:
    assert pins("requirements.txt").items() - pins("requirements-dev.txt").items() == set()


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_each_pin_has_hashes(file: str) -> None:
    blocks = re.split(r"\n(?=[A-Za-z])", text_of(file))
    assert [block.split(" ")[0] for block in blocks if "==" in block and "--hash=sha256:" not in block] == []


def test_no_file_names_a_package_registry() -> None:
    found = []
    for path in project_files():
        if path.endswith((".png", ".ico", ".woff2")):
            continue
        text = text_of(path)
        found += [f"{path}: {host}" for host in REGISTRIES if host in text]
    assert found == []
