"""What `qman enrol` does on a host: exchanges a one-time code for the host's keys."""
