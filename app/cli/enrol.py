"""`qman enrol`: exchanges a one-time code from the dashboard for the keys of this host."""

import getpass
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.settings.keys import KeyPair
    from app.slave.enrol.exchange import HostEnrolment

EXIT_ENROLLED, EXIT_REFUSED, EXIT_BAD_SETTINGS, EXIT_NOT_CONFIRMED, EXIT_NOT_REACHED = 0, 1, 2, 3, 4


def add_enrol(parser: ArgumentParser) -> None:
    """Declares the arguments."""
    parser.description = (
        "Enrols this host: exchanges a one-time code for its keys, writes them to API_KEYS_FILE, and waits until the"
        " master could read the host with them. A slave that runs takes the keys without a restart. The code proves"
        " both sides to each other: a wrong URL, or somebody who listens, learns nothing. Exit status: 0 enrolled, 1"
        " the master or its answer is refused and nothing was written, 2 the settings or arguments are wrong, 3 the"
        " keys are in place but the master could not read the host yet, 4 there is no master at the URL."
    )
    parser.add_argument("--master", required=True, metavar="URL", help="where the dashboard is opened")
    parser.add_argument("code", nargs="?", metavar="CODE", help="from the dashboard; asked for where it is not given")
    parser.add_argument("--ca-file", type=Path, metavar="FILE", help="the authority of the master's certificate")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="the slave's settings; else CONFIG_PATH, config.json"
    )
    parser.set_defaults(run=run)


def run(options: Namespace) -> int:
    """Enrols and tells; gives the exit status."""
    from app.auth.enrolment.errors import CodeMalformedError, SealBrokenError  # noqa: PLC0415 - commands import what they need, --help nothing
    from app.bootstrap.enrol import host_enrolment  # noqa: PLC0415 - as above
    from app.bootstrap.logs import configure_logs  # noqa: PLC0415 - as above
    from app.settings.files import SettingsError  # noqa: PLC0415 - as above
    from app.slave.enrol.exchange import MasterNotReachedError, MasterRefusedError  # noqa: PLC0415 - as above

    configure_logs(quiet=True)
    try:
        enrolment = host_enrolment(options.config, options.master, options.ca_file)
        code = options.code or getpass.getpass("Code from the dashboard: ")
        pair = enrolment.exchange(code)
    except (SettingsError, CodeMalformedError) as error:
        return _refused(str(error), EXIT_BAD_SETTINGS)
    except MasterNotReachedError as error:
        return _refused(str(error), EXIT_NOT_REACHED)
    except MasterRefusedError as error:
        return _refused(f"the master refuses: {error}", EXIT_REFUSED)
    except SealBrokenError as error:
        reason = f"{error.detail} Is {options.master} the master that made this code? Nothing was written."
        return _refused(reason, EXIT_REFUSED)
    sys.stdout.write(f"The keys of {enrolment.host_id} are in {enrolment.keys_file}.\n")
    return _confirmed(enrolment, pair)


def _confirmed(enrolment: "HostEnrolment", pair: "KeyPair") -> int:
    from app.slave.enrol.exchange import MasterNotReachedError, MasterRefusedError, NotConfirmedError  # noqa: PLC0415 - as above

    told = ""
    try:
        for problem in enrolment.confirmations(pair):
            if problem and problem != told:
                sys.stdout.write(f"The master cannot read this host yet: {problem}\n")
                sys.stdout.flush()
                told = problem
    except (NotConfirmedError, MasterNotReachedError, MasterRefusedError) as error:
        reason = f" ({error})" if str(error) else ""
        hint = "Start the slave, or mend what the dashboard says of the host: it tries again by itself."
        return _refused(f"the master has not confirmed yet{reason}. {hint}", EXIT_NOT_CONFIRMED)
    sys.stdout.write(f"{enrolment.host_id} is enrolled: the master reads it.\n")
    return EXIT_ENROLLED


def _refused(reason: str, status: int) -> int:
    sys.stderr.write(f"qman: {reason}\n")
    return status
