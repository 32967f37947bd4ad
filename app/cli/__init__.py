"""The qman command: thin, each command calls one use case or the API."""
