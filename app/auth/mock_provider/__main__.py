"""`python -m app.auth.mock_provider --port 8077`: the mock provider alone, on loopback."""

import argparse
import logging
import os
import signal
import socket
import sys
from pathlib import Path

from joserfc.jwk import ECKey
from werkzeug.serving import BaseWSGIServer, make_server

from app.auth.mock_provider.grants import Grants
from app.auth.mock_provider.routes import MockProvider, make_app
from app.auth.mock_provider.users import MockUsers, load_mock_users
from app.quota.clock import utc_now
from app.settings.files import SettingsError

EXIT_PORT_IN_USE = 1
EXIT_BAD_SETTINGS = 2
LOOPBACK = "127.0.0.1"


def new_provider(users: MockUsers, port: int) -> MockProvider:
    """A provider with a fresh key, whose issuer is `http://localhost:<port>`."""
    key = ECKey.generate_key("P-256", parameters={"use": "sig", "alg": "ES256"}, auto_kid=True)
    return MockProvider(f"http://localhost:{port}", users, Grants(utc_now), key, utc_now)


def main() -> None:
    """Serves until it is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m app.auth.mock_provider", description=__doc__)
    parser.add_argument("--port", type=_port, default=8077, help="1 to 65535")
    parser.add_argument("--config", type=Path, default=Path("oauth.mock.config.json"))
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    try:
        users = load_mock_users(options.config)
    except SettingsError as error:
        sys.stderr.write(f"mock provider: {error}\n")
        raise SystemExit(EXIT_BAD_SETTINGS) from error
    server = _listen(options.port, users)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:  # noqa: PLR2004 - all ports there are
        raise argparse.ArgumentTypeError(f"found {text!r}, expected 1 to 65535")
    return int(text)


def _listen(port: int, users: MockUsers) -> BaseWSGIServer:
    try:
        listener = socket.create_server((LOOPBACK, port))
    except OSError as error:
        sys.stderr.write(f"mock provider: cannot listen on {LOOPBACK}:{port}: {os.strerror(error.errno or 0)}\n")
        raise SystemExit(EXIT_PORT_IN_USE) from error
    app = make_app(new_provider(users, port))
    server = make_server(LOOPBACK, port, app, threaded=True, fd=listener.fileno())
    listener.close()
    return server


if __name__ == "__main__":
    main()
