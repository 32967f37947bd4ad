"""How master and slave come to share keys, so that nobody who listens, guesses or answers instead learns one.

Why it is as it is: docs/adr/0009-keys-of-enrolled-hosts.md.
"""
