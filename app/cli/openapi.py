"""`qman openapi`: the OpenAPI document of a master or a slave."""

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path


def add_openapi(parser: ArgumentParser) -> None:
    """Declares the arguments."""
    parser.description = "Prints the OpenAPI document of a role, as the program of this version serves it."
    parser.add_argument("role", choices=("master", "slave"))
    parser.add_argument("--output", type=Path, metavar="FILE", help="write it there instead")
    parser.set_defaults(run=run)


def run(options: Namespace) -> int:
    """Prints or writes the document."""
    from app.bootstrap.documents import openapi_of  # noqa: PLC0415 - commands import what they need, --help nothing

    text = json.dumps(openapi_of(options.role), indent=1, ensure_ascii=False) + "\n"
    if options.output is None:
        sys.stdout.write(text)
    else:
        options.output.write_text(text, encoding="utf-8")
    return 0
