"""The master: what it last heard of every host (`collector`), what people see (`pages`), what they change (`changes`)."""
