"""What quotas and devices were over time: recorded from the snapshots, thinned with age, read as charts and forecasts.

The rules and the format are described in docs/history.md.
"""
