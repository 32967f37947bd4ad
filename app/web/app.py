"""The Flask app that masters and slaves start from."""

from flask import Flask
from flask_compress import Compress

from app.web.headers import install_headers
from app.web.problems import install_problems

MAX_REQUEST_BYTES = 2**20


def new_app(name: str) -> Flask:
    """An app without routes: problems, headers, compression (zstd, br, gzip), bounded requests."""
    app = Flask(name, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.config["COMPRESS_ALGORITHM"] = ["zstd", "br", "gzip"]
    app.config["COMPRESS_MIMETYPES"] = ["application/json", "application/problem+json", "text/html", "text/csv"]
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    install_problems(app)
    install_headers(app)
    Compress(app)
    return app
