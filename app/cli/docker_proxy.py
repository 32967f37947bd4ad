"""`qman docker-proxy`: stands before Docker's socket."""

import os
import resource
import signal
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

EXIT_STOPPED, EXIT_CANNOT_LISTEN, EXIT_BAD_SETTINGS = 0, 1, 2


def add_docker_proxy(parser: ArgumentParser) -> None:
    """Declares the arguments."""
    parser.description = (
        "Passes everything through to dockerd, labels containers, volumes and networks with whoever creates them, and"
        " keeps a journal of it in the slave's database. Listens on the socket that systemd passes, else makes its own."
        " Ends by SIGTERM. Exit status: 0 stopped, 1 it cannot listen, 2 the settings or arguments are wrong."
    )
    parser.add_argument("--listen", type=Path, metavar="PATH", help="its socket; else DOCKER_PROXY_SOCKET")
    parser.add_argument("--upstream", type=Path, metavar="PATH", help="dockerd's socket; else DOCKER_HOST")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="the slave's settings; else CONFIG_PATH, config.json"
    )
    parser.set_defaults(run=run)


def run(options: Namespace) -> int:
    """Serves until it is stopped; gives the exit status."""
    from app.bootstrap.docker_proxy import proxy_session, read_proxy_settings  # noqa: PLC0415 - commands import what they need, --help nothing
    from app.bootstrap.logs import configure_logs  # noqa: PLC0415 - as above
    from app.docker_quota.proxy.listening import SocketError, given_socket, make_socket  # noqa: PLC0415 - as above
    from app.docker_quota.proxy.server import ProxyServer  # noqa: PLC0415 - as above
    from app.settings.files import SettingsError  # noqa: PLC0415 - as above

    configure_logs()
    try:
        settings, paths = read_proxy_settings(options.config, options.listen, options.upstream)
    except SettingsError as error:
        sys.stderr.write(f"qman: {error}\n")
        return EXIT_BAD_SETTINGS
    try:
        given = given_socket(os.environ)
        listener = given or make_socket(paths.listen, paths.group)
    except SocketError as error:
        sys.stderr.write(f"qman: {error}\n")
        return EXIT_CANNOT_LISTEN
    _allow_many_descriptors()
    server = ProxyServer(listener, proxy_session(settings, paths.upstream).serve)
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: server.stop())
    sys.stderr.write(f"qman: listening at {listener.getsockname()}, dockerd is at {paths.upstream}\n")
    sys.stderr.flush()
    server.run()
    if given is None:
        paths.listen.unlink(missing_ok=True)
    return EXIT_STOPPED


def _allow_many_descriptors() -> None:
    """A connection takes six."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
