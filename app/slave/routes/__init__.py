"""The routes of the slave's API, by subject; `build_api` puts them together."""

from app.slave.routes.api import build_api

__all__ = ["build_api"]
