"""The Celery application: its broker, its queues and its schedule come from the settings."""

from pathlib import Path
from typing import Any

from celery import Celery

from app.bootstrap import settings_or_exit
from app.bootstrap.logs import configure_logs
from app.settings.master import MasterSettings
from app.tasks.collect import COLLECT_QUEUE, add_collect_tasks
from app.tasks.docker import DOCKER_QUEUE, add_docker_tasks
from app.tasks.files import TRANSPORT
from app.tasks.quota import add_quota_tasks

EMBEDDED_FOLDER = Path("celery")


def make_celery() -> Celery:
    """The application for the settings that CONFIG_PATH names; wrong settings end the process with one line."""
    configure_logs()
    settings = settings_or_exit().settings
    application = Celery("qman", broker=settings.CELERY_BROKER_URL or "filesystem://")
    application.conf.update(
        task_default_queue=COLLECT_QUEUE if isinstance(settings, MasterSettings) else DOCKER_QUEUE,
        task_ignore_result=True,
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        worker_hijack_root_logger=False,
        timezone="UTC",
        **({} if settings.CELERY_BROKER_URL else _embedded_broker()),
    )
    if isinstance(settings, MasterSettings):
        add_collect_tasks(application, settings)
    else:
        add_docker_tasks(application, settings)
        add_quota_tasks(application, settings)
    return application


def _embedded_broker() -> dict[str, Any]:
    """Without CELERY_BROKER_URL, messages are files in `celery/` of the working directory: one machine, no server."""
    folders = {name: EMBEDDED_FOLDER / name for name in ("queue", "processed", "control")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        "broker_transport": TRANSPORT,
        "broker_transport_options": {
            "data_folder_in": str(folders["queue"]),
            "data_folder_out": str(folders["queue"]),
            "processed_folder": str(folders["processed"]),
            "control_folder": str(folders["control"]),
            "polling_interval": 0.1,
        },
    }
