"""The keys that the slave accepts, and how the master has them changed."""
