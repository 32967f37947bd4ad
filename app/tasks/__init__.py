"""Celery: thin tasks and their schedule; each calls one use case."""
