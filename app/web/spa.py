"""The dashboard: hashed assets by WhiteNoise, index.html for every page of the browser's router."""

from pathlib import Path

from flask import Flask, Response, request
from whitenoise import WhiteNoise

from app.web.problems import PathNotFoundError

RESERVED = ("api", "auth", "remote-api", "guard")
"""Paths below these are never a page: what is unknown there is a problem document."""

_NOT_BUILT = """<!doctype html><html lang="en"><title>qman</title>
<h1>The dashboard is not built yet</h1>
<p>Run <code>cd frontend &amp;&amp; npm install &amp;&amp; npm run build</code>, or <code>./scripts/dev.sh</code>.
The API answers at <a href="/api/health">/api/health</a>.</p></html>"""


def install_spa(app: Flask, static: Path) -> None:
    """Serves the built dashboard in `static`; a page that says how to build it where there is none."""
    if (static / "assets").is_dir():
        assets = WhiteNoise(
            app.wsgi_app, root=str(static / "assets"), prefix="assets/", max_age=31_536_000, allow_all_origins=False
        )
        app.wsgi_app = assets  # type: ignore[method-assign]  # the documented way to add a middleware

    @app.get("/", defaults={"path": ""})
    @app.get("/<path:path>")
    def page(path: str) -> Response:
        if path.split("/", 1)[0] in RESERVED:
            raise PathNotFoundError(f"There is nothing at {request.path}.")
        if path and "." in path.rsplit("/", 1)[-1]:
            return _file(static, path)
        index = static / "index.html"
        body = index.read_bytes() if index.is_file() else _NOT_BUILT.encode()
        return Response(body, mimetype="text/html", headers={"Cache-Control": "no-cache"})


def _file(static: Path, name: str) -> Response:
    """A file beside index.html (favicon.svg): matched against what exists, never joined from the request."""
    for file in static.iterdir() if static.is_dir() else ():
        if file.name == name and file.is_file():
            types = {".svg": "image/svg+xml", ".ico": "image/x-icon", ".png": "image/png", ".txt": "text/plain"}
            kind = types.get(file.suffix, "application/octet-stream")
            return Response(file.read_bytes(), mimetype=kind, headers={"Cache-Control": "max-age=3600"})
    raise PathNotFoundError(f"There is nothing at {request.path}.")
