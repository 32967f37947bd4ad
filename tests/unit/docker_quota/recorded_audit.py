"""Records of auditd 3.0.9 on Linux 6.18 with the rule of deploy/auditd-docker-quota.rules, as the log had them.

Only paths of the machine are changed, and the command line.
"""

from pathlib import Path

RECORDED = tuple(Path(__file__).with_suffix(".txt").read_bytes().split(b"\n")[:-1])
ENRICHED = b"\x1d"


def _of(serial: int, kind: bytes = b"SYSCALL") -> bytes:
    [line] = [each for each in RECORDED if each.startswith(b"type=" + kind) and b":%d):" % serial in each]
    return line


STARTED = _of(7731, b"DAEMON_START")
RULE_ADDED = _of(17, b"CONFIG_CHANGE")
BY_CLI = _of(19)
OTHERS_OF_THE_EVENT = tuple(_of(19, kind) for kind in (b"SOCKADDR", b"CWD", b"PATH", b"PROCTITLE"))
REFUSED = _of(20)
WITH_A_BLANK_IN_ITS_PATH = _of(31)
BY_SUDO = _of(33)
OF_TWO_KEYS = _of(40)
FROM_A_CONTAINER = _of(55)
OF_ANOTHER_RULE = BY_CLI.replace(b'"docker-socket"', b'"docker-client"')
OF_NO_RULE = BY_CLI.replace(b'key="docker-socket"', b"key=(null)")


def connected(
    millis: int, serial: int, pid: int, uid: int, auid: int = 2**32 - 1, exe: str = "/usr/bin/docker"
) -> bytes:
    """A record like the recorded ones."""
    return (
        (
            f"type=SYSCALL msg=audit({millis // 1000}.{millis % 1000:03}:{serial}): syscall=42 success=yes "
            f'exit=0 items=1 ppid=1 pid={pid} auid={auid} uid={uid} gid=113 euid={uid} tty=(none) ses=1 comm="docker" '
            f'exe="{exe}" key="docker-socket"'
        ).encode()
        + ENRICHED
        + b"ARCH=x86_64 SYSCALL=connect"
    )
