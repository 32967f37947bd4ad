"""The OpenAPI documents without a running server: apps on a database in memory, with nothing behind them."""

from typing import Any

from app.bootstrap.master import master_document
from app.bootstrap.slave import slave_document


def openapi_of(role: str) -> dict[str, Any]:
    """The document of `master` or `slave`, as the program of this version serves it."""
    return master_document() if role == "master" else slave_document()
