"""Where `celery -A app.celery_app:celery_app worker -Q qman.docker` finds the application."""

from app.tasks.celery import make_celery

celery_app = make_celery()
