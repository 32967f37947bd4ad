"""The master: what it heard of every host (`collector`), what people see (`pages`) and change (`changes`)."""
