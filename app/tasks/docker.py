"""Tasks of the Docker quota, on the queue `qman.docker` of a slave."""

import structlog
from celery import Celery

from app.settings.slave import SlaveSettings

log = structlog.get_logger(__name__)

DOCKER_QUEUE = "qman.docker"
ENFORCE = "qman.docker.enforce"


def add_docker_tasks(application: Celery, settings: SlaveSettings) -> None:
    """Adds the round of enforcement and its schedule."""

    @application.task(name=ENFORCE)  # type: ignore[untyped-decorator]  # Celery is untyped
    def enforce() -> str:
        """One round: this version accounts nothing yet, so there is nothing to enforce, and the round says so."""
        outcome = "nothing_to_do"
        log.info("docker_round", host=settings.SLAVE_HOST_ID, outcome=outcome)
        return outcome

    application.conf.beat_schedule = {
        "docker-enforcement": {
            "task": ENFORCE,
            "schedule": float(settings.DOCKER_QUOTA_ENFORCE_INTERVAL_SECONDS),
            "options": {"queue": DOCKER_QUEUE},
        }
    }
