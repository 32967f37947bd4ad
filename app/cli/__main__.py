"""`python -m app.cli`: the qman command."""

import argparse
import json
import sys
from pathlib import Path

from app.bootstrap.documents import openapi_of


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; gives the exit status."""
    parser = argparse.ArgumentParser(prog="qman", description="Quota manager for shared Linux servers.")
    commands = parser.add_subparsers(dest="command", required=True)
    openapi = commands.add_parser("openapi", help="print the OpenAPI document of a role, generated from the code")
    openapi.add_argument("role", choices=("master", "slave"))
    openapi.add_argument("--output", type=Path, help="write it there instead")
    options = parser.parse_args(arguments)
    text = json.dumps(openapi_of(options.role), indent=1, ensure_ascii=False) + "\n"
    if options.output is None:
        sys.stdout.write(text)
    else:
        options.output.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
