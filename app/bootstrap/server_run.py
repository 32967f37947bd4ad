"""Which run of the server this process belongs to."""

import os
from pathlib import Path


def server_run_id() -> str:
    """The same text in all worker processes of one run of the server, another one after a restart.

    Under gunicorn it is that of the process that started the workers. A process id alone would come back one day:
    its start time stands beside it (proc(5), /proc/PID/stat, field 22, in ticks since boot), with the boot's id.
    """
    is_worker = os.environ.get("SERVER_SOFTWARE", "").startswith("gunicorn")
    pid = os.getppid() if is_worker else os.getpid()
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2].split()
    boot_id = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot_id}-{pid}-{fields[19]}"
