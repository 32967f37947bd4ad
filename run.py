"""The program: `python run.py` serves by itself, `gunicorn "run:app"` serves the same app.

CONFIG_PATH names the settings file (config.json by default); its ROLE makes this process a master or a slave.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    """`app` is made when a WSGI server asks for it, not when this file is run or imported."""
    if name != "app":
        raise AttributeError(name)
    from app.bootstrap import create_app  # noqa: PLC0415 - only then is it needed

    return create_app(open_queue)


def open_queue(broker_url: str) -> Any:
    """Where a master's readings wait for workers."""
    from app.tasks.collect import TaskQueue  # noqa: PLC0415 - only masters with a broker need Celery

    return TaskQueue(broker_url)


def main() -> None:
    """Serves until it is told to stop."""
    from app.bootstrap import build_app, settings_or_exit  # noqa: PLC0415 - as above
    from app.web.server import serve  # noqa: PLC0415 - as above

    configured = settings_or_exit()
    settings = configured.settings
    serve(lambda: build_app(configured, open_queue), bind=settings.BIND, port=settings.PORT, threads=settings.THREADS)


if __name__ == "__main__":
    main()
