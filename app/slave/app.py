"""The Flask app of a slave, from its services."""

from flask import Flask, Response

from app import __version__
from app.auth.signatures import SignatureVerifier
from app.slave.guard import build_guard, limit_in_flight
from app.slave.routes import build_api
from app.slave.services import SlaveServices
from app.web.app import new_app


def build_slave_app(services: SlaveServices, verifier: SignatureVerifier, base_path: str = "") -> Flask:
    """The app with all its routes, guarded by signatures."""
    app = new_app("qman-slave")
    limit_in_flight(app, services.in_flight)
    build_api(services).register(app, build_guard(verifier, base_path))

    @app.after_request
    def add_version(response: Response) -> Response:
        response.headers["Qman-Version"] = __version__
        return response

    return app
