"""Logs: events with fields, one line of JSON each, on stderr."""

import logging
import sys

import structlog


def configure_logs(*, quiet: bool = False) -> None:
    """Sets up structlog for the process. Secrets never reach it: settings hold them as SecretStr.

    `quiet`: errors alone, for a command that tells people itself what happens.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR if quiet else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
