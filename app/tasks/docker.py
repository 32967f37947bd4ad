"""Tasks of the Docker quota, on the queue `qman.docker` of a slave."""

from collections.abc import Callable
from functools import cache

import structlog
from celery import Celery

from app.bootstrap.enforcement import docker_enforcement
from app.db.errors import DatabaseUnavailableError, NoSpaceError
from app.settings.slave import SlaveSettings

log = structlog.get_logger(__name__)

DOCKER_QUEUE = "qman.docker"
ENFORCE = "qman.docker.enforce"
NOTHING_TO_DO = "nothing_to_do"


def add_docker_tasks(application: Celery, settings: SlaveSettings) -> None:
    """Adds the round of enforcement and its schedule."""
    interval = float(settings.DOCKER_QUOTA_ENFORCE_INTERVAL_SECONDS)

    @cache
    def enforcement() -> Callable[[], str]:
        return docker_enforcement(settings)

    @application.task(name=ENFORCE)  # type: ignore[untyped-decorator]  # Celery is untyped
    def enforce() -> str:
        """One round; on a host without the Docker device there is nothing to do, and the round says so."""
        outcome = NOTHING_TO_DO
        if settings.USE_DOCKER_QUOTA and not settings.MOCK_QUOTA:
            try:
                outcome = enforcement()()
            except (DatabaseUnavailableError, NoSpaceError) as error:
                outcome = error.code
        log.info("docker_round", host=settings.SLAVE_HOST_ID, outcome=outcome)
        return outcome

    application.conf.beat_schedule = {
        "docker-enforcement": {
            "task": ENFORCE,
            "schedule": interval,
            "options": {"queue": DOCKER_QUEUE, "expires": interval},
        }
    }
