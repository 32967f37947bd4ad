"""The examples of docs/api.md do what they say, as they stand there."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.stack.dev_stack import DevStack
from tests.system.stack.people import CHARLIE, Person
from tests.system.stack.programs import ROOT

LIMIT_KIB = 52428800


def example(language: str) -> str:
    """The one block of docs/api.md in this language."""
    found = re.findall(rf"```{language}\n(.*?)```", (ROOT / "docs/api.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(found) == 1
    return str(found[0])


@pytest.mark.timeout(400)
def test_the_examples_work(tmp_path: Path) -> None:
    dev = DevStack(tmp_path)
    with dev.start() as program:
        dev.wait(program)
        (tmp_path / "call.py").write_text(example("python"), encoding="utf-8")
        settings = json.loads((dev.state / "host2.json").read_text(encoding="utf-8"))
        key = next(key for key in settings["API_KEYS"] if key["scope"] == "write")
        command = [sys.executable, str(tmp_path / "call.py"), dev.slave_url("host2"), key["id"], key["secret"]]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.stdout == f"200 {LIMIT_KIB}\n", done.stderr

        script = example("bash").replace("8436", str(dev.master_port))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert f'"block_hard_limit":{LIMIT_KIB}' in done.stdout, done.stdout + done.stderr
        newest = Person(dev.master_port, CHARLIE).get("/api/admin/audit")["items"][0]
        assert (newest["reason"], newest["after"]["block_hard_limit"]) == ("a thesis", LIMIT_KIB)
