"""qman, the quota manager for shared Linux servers."""

__version__ = "0.1.0"
