"""Rooms: imports go one way, and a name says what it names."""

import subprocess
import sys
from pathlib import Path, PurePosixPath

from tests.architecture.sources import ROOT, hand_written

VAGUE = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "manager"})


def test_the_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr


def test_no_module_has_a_vague_name() -> None:
    files = hand_written(".py", ".ts", ".tsx", ".sh")
    assert [path for path in files if VAGUE & {part.split(".")[0] for part in PurePosixPath(path).parts}] == []
