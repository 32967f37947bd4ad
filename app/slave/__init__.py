"""The slave: reads and sets the quotas of its host and serves them by a signed API."""
