"""What people read: each module answers one kind of page from the database, never from a host."""
