"""Hosts without hardware: host1 to host4, settable, by the same rules as real ones."""
