#!/usr/bin/env bash
# Measures speed and cost, each figure beside something measured in the same run.
#
#   ./scripts/bench.sh [P1 P3 ...] [--json FILE] [--strict]
#
# P1, P2 a slave's reading on real ext4 and XFS (tests/rigs/kernel-rig) · P3, P4 the master's pages over 1,000 simulated
# hosts (tests/bench/fleet.py), also with a tenth of them black-holed · P5 rounds of the collector · P6 my quotas · P9 a
# round of Docker accounting beside `docker system df -v` · P11 memory and idle CPU · P12 cold start · H1 to H4 history:
# space, a year's chart, forecasts, recording · D1 Docker's commands through the socket proxy, on a dockerd of its own
# (tests/rigs/docker-rig). Prints a table; --json writes the rows. The exit status is 0 whatever they are; with --strict
# it is 1 where a figure misses its target.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/install.sh
install_python requirements-dev.txt
exec .venv/bin/python -m tests.bench "$@"
