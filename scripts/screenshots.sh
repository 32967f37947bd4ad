#!/usr/bin/env bash
# Takes the pictures of docs/screenshots/ anew, from a stack of its own with the mock hosts.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/install.sh
install_python requirements-dev.txt
install_debian chromium=chromium
build_frontend
exec .venv/bin/python -m scripts.screenshots
