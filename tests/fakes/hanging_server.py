"""A server with the slave's threads and limit of requests, whose one page hangs until somebody writes to a FIFO.

python -m tests.fakes.hanging_server PORT FIFO
"""

import sys
from pathlib import Path

from flask import Flask

from app.settings.slave import SlaveSettings
from app.slave.guard import InFlight, limit_in_flight
from app.web.app import new_app
from app.web.server import serve

THREADS: int = SlaveSettings.model_fields["THREADS"].default


def make_app(fifo: Path) -> Flask:
    """`/hang`, `/fast`, and the three that are always answered: `/healthz` with the number under way."""
    app, in_flight = new_app("hanging"), InFlight()
    limit_in_flight(app, in_flight)
    app.add_url_rule("/hang", view_func=lambda: fifo.read_text(encoding="utf-8"), endpoint="hang")
    app.add_url_rule("/fast", view_func=lambda: "fast", endpoint="fast")
    for path in ("/healthz", "/readyz", "/remote-api/ping"):
        app.add_url_rule(path, view_func=lambda: str(in_flight.count), endpoint=path)
    return app


if __name__ == "__main__":
    serve(lambda: make_app(Path(sys.argv[2])), bind="127.0.0.1", port=int(sys.argv[1]), threads=THREADS)
