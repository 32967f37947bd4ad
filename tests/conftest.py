"""For all tests: a trace in a log is plain. With rich, where that is installed, a single one costs seconds of work."""

import structlog

PLAIN = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)

structlog.configure(processors=[*structlog.get_config()["processors"][:-1], PLAIN])
