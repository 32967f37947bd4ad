"""Whatever an OpenAPI document refers to stands in it: without that, no answer is checked and no client can be made."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.bootstrap.master import master_document
from app.bootstrap.slave import slave_document

SCHEMAS = "#/components/schemas/"


def references_in(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for member in schema.values():
            yield from references_in(member)
    elif isinstance(schema, list):
        for item in schema:
            yield from references_in(item)


@pytest.mark.parametrize("make", [master_document, slave_document])
def test_every_reference_leads_somewhere(make: Callable[[], dict[str, Any]]) -> None:
    document = make()
    found = set(references_in(document))
    assert f"{SCHEMAS}ProblemOut" in found
    assert {ref for ref in found if ref.removeprefix(SCHEMAS) not in document["components"]["schemas"]} == set()
