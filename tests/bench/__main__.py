"""`./scripts/bench.sh [P1 P3 …] [--json FILE] [--strict]`: what qman costs, beside what else it could cost."""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench import docker_accounting, docker_proxying, history, master_pages, starting
from tests.bench.figures import Figure, missed, print_table, write_json
from tests.bench.processes import ROOT

IDS = ("P1", "P2", "P3", "P4", "P5", "P6", "P9", "P11", "P12", "H1", "H2", "H3", "H4", "D1")
IN_RIG = {"P1", "P2", "P11"}
OF_MASTER = {"P3", "P4", "P5", "P6", "P11"}
OF_HISTORY = {"H1", "H2", "H3", "H4"}
RIG_SECONDS = "600"


def slave_in_rig() -> list[Figure]:
    """The figures that need real quotas. Raises CalledProcessError."""
    command = [str(ROOT / "tests/rigs/kernel-rig"), "--timeout", RIG_SECONDS, "--mem", "2048", "--"]
    done = subprocess.run(
        [*command, sys.executable, "-m", "tests.bench.slave_reading"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return [Figure(**row) for row in json.loads(done.stdout)]


def measure(wanted: set[str]) -> list[Figure]:
    """All rows of the wanted figures, by id."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if wanted & IN_RIG:
            figures += slave_in_rig()
        if wanted & OF_MASTER:
            figures += master_pages.measure(folder, wanted.__contains__)
        if "P12" in wanted:
            figures += starting.measure(folder / "starting")
        if wanted & OF_HISTORY:
            figures += history.measure(folder / "history", wanted.__contains__)
        if "P9" in wanted:
            figures += docker_accounting.measure(folder / "accounting")
        if "D1" in wanted:
            figures += docker_proxying.measure(folder / "docker")
    return sorted((each for each in figures if each.id in wanted), key=lambda each: IDS.index(each.id))


def main() -> None:
    """Measures, prints a table, writes JSON where asked to."""
    parser = argparse.ArgumentParser(prog="bench.sh", description="Measures what qman costs.")
    parser.add_argument("ids", nargs="*", metavar="ID", help=f"of {', '.join(IDS)}; all without any")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there too")
    parser.add_argument("--strict", action="store_true", help="end with status 1 where a figure misses its target")
    options = parser.parse_args()
    unknown = [each for each in options.ids if each not in IDS]
    if unknown:
        parser.error(f"no figure is called {', '.join(unknown)} yet; there are: {', '.join(IDS)}")
    figures = measure(set(options.ids or IDS))
    print_table(figures)
    if options.json:
        write_json(figures, options.json)
    if options.strict and missed(figures):
        sys.exit(f"{len(missed(figures))} of {len(figures)} figures miss their targets")


if __name__ == "__main__":
    main()
