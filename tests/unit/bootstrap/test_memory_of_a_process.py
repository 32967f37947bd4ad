"""What a server does with its memory before it serves."""

import subprocess
import sys

from app.bootstrap.memory import YOUNG_OBJECTS
from tests.system.stack.programs import ROOT

SEEN = """
import gc
from app.bootstrap.memory import settle
kept = [[] for _ in range(1000)]
before = len(gc.get_objects())
settle()
print(gc.get_freeze_count() > before / 2, len(gc.get_objects()) < 1000, gc.get_threshold()[0])
"""


def test_what_is_there_when_serving_begins_is_not_looked_through_again() -> None:
    command = [sys.executable, "-c", SEEN]
    seen = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert seen.stdout.split() == ["True", "True", str(YOUNG_OBJECTS)]
