"""Tasks of the quotas of a slave's host."""

from functools import cache

from celery import Celery

from app.bootstrap.worker import defaults_applier
from app.settings.slave import SlaveSettings
from app.slave.defaults import DefaultsApplier
from app.tasks.docker import DOCKER_QUEUE

APPLY_DEFAULTS = "qman.quota.apply_defaults"


def add_quota_tasks(application: Celery, settings: SlaveSettings) -> None:
    """Adds the round of default limits and its schedule.

    It goes through the queue `qman.docker`: workers are started for that one alone, by commands that people have in
    their scripts, and a queue that nobody listens to does nothing without a word.
    """

    @cache
    def applier() -> DefaultsApplier:
        return defaults_applier(settings)

    @application.task(name=APPLY_DEFAULTS)  # type: ignore[untyped-decorator]  # Celery is untyped
    def apply_defaults() -> None:
        """One round."""
        applier().apply()

    application.conf.beat_schedule = {
        **application.conf.beat_schedule,
        "default-limits": {
            "task": APPLY_DEFAULTS,
            "schedule": settings.DEFAULTS_INTERVAL_SECONDS,
            "options": {"queue": DOCKER_QUEUE, "expires": settings.DEFAULTS_INTERVAL_SECONDS},
        },
    }
