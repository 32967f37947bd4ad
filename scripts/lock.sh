#!/usr/bin/env bash
# Pins every dependency with its hashes: requirements.txt (to run) and requirements-dev.txt (to run and to test).
# Why these two files are the lock: docs/adr/0002-lock-file.md.
set -euo pipefail
cd "$(dirname "$0")/.."
python3 -m venv .dev/lock && .dev/lock/bin/pip install -q uv
for out in requirements.txt requirements-dev.txt; do
  groups=(); [ $out = requirements.txt ] || groups=(--group dev --no-binary pyquota --emit-build-options)
  .dev/lock/bin/uv pip compile -q --generate-hashes --no-emit-index-url --python-version 3.11 \
    --custom-compile-command ./scripts/lock.sh pyproject.toml ${groups[@]+"${groups[@]}"} "$@" -o $out
done
