"""Tools run without a shell, bounded in time and output, and their failures say what happened."""

import sys
import time

import pytest

from app.backends.command import ToolFailedError, run_tool
from app.quota.errors import BackendError, DeviceTimeoutError

LONG = 60.0


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def test_what_it_prints_is_given() -> None:
    assert run_tool(["printf", "%s", "$(id) ; `id`\t'"], timeout_seconds=LONG) == b"$(id) ; `id`\t'"


def test_it_speaks_plain_c_and_utc() -> None:
    code = "import os; print(os.environ['LC_ALL'], os.environ['TZ'], 'HOME' in os.environ)"
    assert run_tool(python(code), timeout_seconds=LONG) == b"C UTC False\n"


def test_a_failure_has_its_status_and_words() -> None:
    with pytest.raises(ToolFailedError, match=r"failed with status 3: no such pool$") as failed:
        run_tool(python("import sys; sys.stderr.write('no such pool\\nusage:\\n'); sys.exit(3)"), timeout_seconds=LONG)
    assert failed.value.status == 3
    assert failed.value.stderr == "no such pool\nusage:\n"


def test_a_missing_tool_is_a_failure_and_no_empty_list() -> None:
    with pytest.raises(BackendError, match="qman-no-such-tool is not installed"):
        run_tool(["qman-no-such-tool"], timeout_seconds=LONG)


def test_what_may_not_be_run_is_a_failure() -> None:
    with pytest.raises(BackendError, match="cannot be run"):
        run_tool(["/etc/passwd"], timeout_seconds=LONG)


@pytest.mark.parametrize("closes", ["", "import os; os.close(1); os.close(2);"])
def test_one_that_hangs_is_killed(closes: str) -> None:
    started_at = time.monotonic()
    with pytest.raises(DeviceTimeoutError):
        run_tool(python(f"{closes}import time; time.sleep({LONG})"), timeout_seconds=0.2)
    assert time.monotonic() - started_at < LONG / 2


def test_one_that_prints_without_end_is_killed() -> None:
    with pytest.raises(BackendError, match="printed more than 100000 bytes"):
        run_tool(["yes"], timeout_seconds=LONG, most_bytes=100_000)


def test_both_outputs_may_be_larger_than_a_pipe() -> None:
    code = "import sys; sys.stderr.write('e' * 300000); sys.stdout.write('o' * 300000)"
    assert run_tool(python(code), timeout_seconds=LONG) == b"o" * 300_000
