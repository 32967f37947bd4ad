"""Who connected to Docker's socket, by the log of auditd(8)."""
