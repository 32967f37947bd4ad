"""The database: engine and transactions, `tables/`, `repositories/`. All SQL stands here.

A repository is a small class on a connection; a use case opens `with database.write() as connection:` once, makes no
network call inside, and everything it did is committed together or not at all.
"""
