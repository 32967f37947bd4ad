"""auditd(8) and the rule for one socket: the daemon of the machine where it runs, else one of the tests' own."""

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

CONFIGURATION = """\
local_events = yes
write_logs = yes
log_file = {folder}/audit.log
log_group = root
log_format = ENRICHED
flush = INCREMENTAL_ASYNC
freq = 50
max_log_file = 8
num_logs = 5
max_log_file_action = ROTATE
space_left = 1
space_left_action = IGNORE
admin_space_left_action = IGNORE
disk_full_action = IGNORE
disk_error_action = IGNORE
plugin_dir = {folder}/plugins.d
end_of_event_timeout = 2
"""
SECONDS = 60


class Auditd:
    """`with Auditd(socket) as auditd:` records who connects there, in `auditd.log`."""

    def __init__(self, socket: Path) -> None:
        self.rule: Sequence[str] = _rule_of(socket)
        self.folder = Path(tempfile.mkdtemp(prefix="qman-auditd-test-"))
        self.log = self.folder / "audit.log"
        self._daemon: subprocess.Popen[bytes] | None = None
        self._was_enabled = _status()["enabled"]
        self._finds_none = True

    def __enter__(self) -> Self:
        self._finds_none = _status()["pid"] == "0"
        if not self._finds_none:
            found = re.search(r"^log_file\s*=\s*(\S+)", Path("/etc/audit/auditd.conf").read_text("utf-8"), re.MULTILINE)
            self.log = Path(found[1] if found else "/var/log/audit/audit.log")
        try:
            if self._finds_none:
                self._start()
            self.add_rule()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.delete_rule()
        if self._daemon is not None:
            self._daemon.terminate()
            self._daemon.wait(SECONDS)
            _auditctl("-e", self._was_enabled)
        shutil.rmtree(self.folder)

    def add_rule(self) -> None:
        """Until the log says so: what was before that moment is not recorded."""
        before = self._rules_added()
        _auditctl("-a", *self.rule)
        _wait_for(lambda: self._rules_added() > before)

    def delete_rule(self) -> None:
        subprocess.run(["auditctl", "-d", *self.rule], check=False, capture_output=True, timeout=SECONDS)

    def rotate(self) -> None:
        """Now, as auditd does when the log is full."""
        rotated = self.log.with_name("audit.log.1")
        before = rotated.stat().st_ino if rotated.exists() else 0
        subprocess.run(["kill", "-USR1", _status()["pid"]], check=True, timeout=SECONDS)
        _wait_for(lambda: rotated.exists() and rotated.stat().st_ino != before and self.log.exists())

    def _rules_added(self) -> int:
        return self.log.read_bytes().count(b"op=add_rule")

    def _start(self) -> None:
        (self.folder / "plugins.d").mkdir()
        configuration = self.folder / "auditd.conf"
        configuration.write_text(CONFIGURATION.format(folder=self.folder), "utf-8")
        configuration.chmod(0o640)
        self._daemon = daemon = subprocess.Popen(["auditd", "-n", "-c", str(self.folder)])
        _wait_for(lambda: _status()["pid"] == str(daemon.pid) and self.log.exists())


def _rule_of(socket: Path) -> list[str]:
    """The first rule of the file that is installed, for this socket."""
    rules = (Path(__file__).resolve().parents[2] / "deploy" / "auditd-docker-quota.rules").read_text("utf-8")
    line = next(each for each in rules.splitlines() if each.startswith("-a ") and "docker-socket" in each)
    return line.replace("/run/docker.sock", str(socket)).split()[1:]


def _auditctl(*arguments: str) -> str:
    done = subprocess.run(["auditctl", *arguments], check=True, text=True, capture_output=True, timeout=SECONDS)
    return done.stdout


def _status() -> dict[str, str]:
    return {words[0]: words[1] for line in _auditctl("-s").splitlines() if len(words := line.split()) == 2}


def _wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until, "auditd did not do it"
        time.sleep(0.02)


def missing() -> str:
    """What this machine lacks for it; empty where it lacks nothing."""
    return "" if shutil.which("auditd", path="/usr/sbin:/sbin:/usr/bin") else "auditd"
