"""Whose a Docker object is, decided from evidence. Pure: nothing here reads a file, a socket or a clock."""
