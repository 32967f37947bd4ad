"""The Docker device: what fills Docker's store, and whose it is."""
