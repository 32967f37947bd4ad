"""Changes: checked, written to the audit trail, sent to the slave, read back, stored."""
