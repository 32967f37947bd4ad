"""The core: what a quota is, in bytes, counts and aware UTC instants. Standard library only."""
