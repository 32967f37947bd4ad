"""`GET /metrics`: the figures of this host for Prometheus."""
