#!/usr/bin/env bash
# Starts all of qman for development: mock hosts, this machine itself, login provider, master.
#
#   ./scripts/dev.sh [--vite]      --vite adds the dashboard's dev server on port 5173
#
# Needs Python 3.11 and Node 20; installs the rest into the checkout. State and logs are under .dev/.
# QMAN_DEV_PORT_OFFSET=1000 moves every port, QMAN_DEV_DIR=DIR the state. Ctrl-C stops everything.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/install.sh

prepare() {
  install_python requirements.txt
  build_frontend
}

# In a process group of its own, so that one who is told to stop in the middle leaves nothing behind.
set -m
prepare </dev/null &
installation=$!
set +m
trap 'kill -TERM -- "-$installation" 2>/dev/null; exit 143' TERM INT HUP
wait "$installation"
trap - TERM INT HUP
exec .venv/bin/python -m scripts.dev_stack "$@"
