"""Docker's objects on all hosts: as last read, whose they are, and who says so."""
