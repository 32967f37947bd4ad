"""The documents name what there is."""

import json
import re

import pytest
from pydantic import BaseModel

from app.bootstrap.documents import openapi_of
from app.settings.master import MasterSettings
from app.settings.oauth import OAuthSettings
from app.settings.slave import SlaveSettings
from tests.architecture.sources import ROOT, project_files, text_of

WORDS = (
    *("master", "slave", "host", "device", "backend", "quota type", "quota", "resource", "limit", "grace period"),
    *("grace expiry", "default limits", "mapping", "attribution", "area", "reservation", "gate", "snapshot"),
)
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]+)(?:#[^)]*)?\)")


def documents() -> list[str]:
    return [path for path in project_files() if path.endswith(".md") and not path.startswith("frontend/node_modules")]


@pytest.mark.parametrize("model", [MasterSettings, SlaveSettings, OAuthSettings])
def test_each_settings_key_is_documented(model: type[BaseModel]) -> None:
    text = text_of("docs/settings.md")
    assert [name for name in model.model_fields if f"`{name}`" not in text] == []


def test_each_script_is_named() -> None:
    text = "".join(text_of(path) for path in documents())
    scripts = [path for path in project_files() if path.startswith("scripts/") and path.endswith(".sh")]
    assert scripts
    assert [path for path in scripts if path.removeprefix("scripts/") not in text] == []


def test_the_glossary_has_every_word() -> None:
    text = text_of("docs/glossary.md")
    assert [word for word in WORDS if f"**{word}**" not in text] == []


def test_each_decision_is_one_page_with_a_date() -> None:
    records = [path for path in project_files() if path.startswith("docs/adr/")]
    assert records
    for path in records:
        text = text_of(path)
        assert re.search(r"\b20\d\d-\d\d-\d\d\b", text), path
        assert len(text.splitlines()) <= 70, path


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{path}: {target}"
        for path in documents()
        for target in LINK.findall(text_of(path))
        if not ((ROOT / path).parent / target).exists()
    ]
    assert broken == []


def test_each_test_that_a_document_names_is_there() -> None:
    tests = "".join(text_of(path) for path in project_files() if path.startswith("tests/") and path.endswith(".py"))
    named = {name for path in documents() for name in re.findall(r"`(test_[a-z0-9_]+)`", text_of(path))}
    assert named
    assert [name for name in sorted(named) if f"def {name}(" not in tests] == []


@pytest.mark.parametrize("role", ["master", "slave"])
def test_the_openapi_documents_are_fresh(role: str) -> None:
    assert json.loads(text_of(f"docs/openapi/{role}.json")) == openapi_of(role), (
        f"run: python -m app.cli openapi {role} > docs/openapi/{role}.json"
    )
