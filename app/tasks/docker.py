"""Tasks of the Docker quota, on the queue `qman.docker` of a slave."""

from collections.abc import Callable
from functools import cache
from typing import Any

import structlog
from celery import Celery

from app.bootstrap.enforcement import docker_enforcement, enforces_docker, event_delivery
from app.db.errors import DatabaseUnavailableError, NoSpaceError
from app.settings.files import SettingsError
from app.settings.slave import SlaveSettings
from app.slave.event_delivery import EventDelivery

log = structlog.get_logger(__name__)

DOCKER_QUEUE = "qman.docker"
ENFORCE = "qman.docker.enforce"
DELIVER = "qman.docker.deliver_events"
DELIVER_SECONDS = 15.0
"""So often the master is told of what it was not told yet, or more often where rounds are."""
NOTHING_TO_DO = "nothing_to_do"


def add_docker_tasks(application: Celery, settings: SlaveSettings) -> None:
    """Adds the round of enforcement and the delivery of its events, and their schedule."""
    interval = float(settings.DOCKER_QUOTA_ENFORCE_INTERVAL_SECONDS)
    application.conf.beat_schedule = {"docker-enforcement": _scheduled(ENFORCE, interval)}
    _add_enforcement(application, settings)
    if enforces_docker(settings):
        application.conf.beat_schedule["docker-events"] = _scheduled(DELIVER, min(interval, DELIVER_SECONDS))
        _add_delivery(application, settings)


def _add_enforcement(application: Celery, settings: SlaveSettings) -> None:
    @cache
    def enforcement() -> Callable[[], str]:
        return docker_enforcement(settings)

    @application.task(name=ENFORCE)  # type: ignore[untyped-decorator]  # Celery is untyped
    def enforce() -> str:
        """One round; on a host without the Docker device there is nothing to do, and the round says so."""
        outcome = NOTHING_TO_DO
        if enforces_docker(settings):
            try:
                outcome = enforcement()()
            except (DatabaseUnavailableError, NoSpaceError) as error:
                outcome = error.code
        log.info("docker_round", host=settings.SLAVE_HOST_ID, outcome=outcome)
        return outcome


def _add_delivery(application: Celery, settings: SlaveSettings) -> None:
    @cache
    def delivery() -> EventDelivery:
        return event_delivery(settings)

    @application.task(name=DELIVER)  # type: ignore[untyped-decorator]  # Celery is untyped
    def deliver_events() -> str:
        """Tells the master what it was not told yet."""
        try:
            return delivery().deliver()
        except (DatabaseUnavailableError, NoSpaceError) as error:
            log.warning("events_wait", reason=error.code)
            return error.code
        except SettingsError as error:
            log.warning("events_wait", reason=str(error))
            return "no_keys"


def _scheduled(task: str, seconds: float) -> dict[str, Any]:
    """One that waited longer than a period is not taken up: the next is there already."""
    return {"task": task, "schedule": seconds, "options": {"queue": DOCKER_QUEUE, "expires": seconds}}
