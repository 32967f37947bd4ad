"""Reads every host in the background, each on its own schedule and under its own deadline."""
