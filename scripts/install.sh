# Sourced by dev.sh, test.sh and bench.sh from the root of the checkout: installs what is missing, and nothing twice.
# Stamps hold the hash of what was installed from, so that a second run only compares hashes.

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# A Python 3.11 of this machine, by whatever name.
python_311() {
  local name
  for name in python3.11 python3 python; do
    if "$name" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  fail "Python 3.11 is needed and was not found (python3 is $(python3 --version 2>&1 || true))"
}

# One installation at a time: whoever comes second waits, and then finds the work done.
one_at_a_time() {
  mkdir -p .dev
  exec 9>.dev/install.lock
  flock -w 900 9 || fail "another installation in this checkout has not ended within 15 minutes"
}
others_may_go_on() { exec 9>&-; }

# What pip needs to build pyquota, which the benches measure beside: its wheel has no project quotas.
install_compiler() {
  local python=$1 packages=()
  command -v gcc >/dev/null || packages+=(gcc=build-essential)
  if [ ! -e "$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ]; then
    case $("$python" -c 'import sys; print(sys.base_prefix)') in
      /usr) packages+=(Python.h=python3-dev) ;;
      *) fail "the headers of $python were not found (Python.h): install them to build pyquota" ;;
    esac
  fi
  [ ${#packages[@]} -eq 0 ] || install_debian "${packages[@]}"
}

# install_python requirements.txt | requirements-dev.txt: into .venv. The second contains the first.
install_python() {
  local wanted
  wanted=$(sha256sum "$1" | cut -d' ' -f1)
  one_at_a_time
  if [ "$(cat ".venv/.installed-$1" 2>/dev/null)" != "$wanted" ]; then
    echo "Installing the Python packages of $1 into .venv (the first time takes about a minute) ..."
    [ -x .venv/bin/python ] || "$(python_311)" -m venv .venv
    [ "$1" = requirements.txt ] || install_compiler .venv/bin/python
    .venv/bin/pip install -qq --disable-pip-version-check -r "$1" || fail "pip install -r $1 failed"
    echo "$wanted" >".venv/.installed-$1"
    [ "$1" = requirements.txt ] || sha256sum requirements.txt | cut -d' ' -f1 >.venv/.installed-requirements.txt
  fi
  others_may_go_on
}

# The packages of the dashboard, by its lock file.
install_node() {
  local wanted version
  version=$(node --version 2>/dev/null) || fail "Node 20 or newer is needed and was not found"
  version=${version#v}
  [ "${version%%.*}" -ge 20 ] || fail "Node 20 or newer is needed, found $version"
  wanted=$(sha256sum frontend/package-lock.json | cut -d' ' -f1)
  one_at_a_time
  if [ "$(cat frontend/node_modules/.installed 2>/dev/null)" != "$wanted" ]; then
    echo "Installing the packages of the dashboard into frontend/node_modules ..."
    (cd frontend && npm ci --no-audit --no-fund --loglevel=error) || fail "npm ci failed"
    echo "$wanted" >frontend/node_modules/.installed
  fi
  others_may_go_on
}

# The hash of everything that the dashboard is built from.
frontend_sources() {
  (
    cd frontend
    find . \( -name node_modules -o -name coverage -o -name '*.tsbuildinfo' -o -name '*.test.ts*' \) -prune -o -type f -print0 |
      LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
  )
}

# The dashboard, built into static/.
build_frontend() {
  local wanted
  install_node
  wanted=$(frontend_sources)
  one_at_a_time
  if [ "$(cat .dev/frontend.built 2>/dev/null)" != "$wanted" ] || [ ! -f static/index.html ]; then
    echo "Building the dashboard into static/ ..."
    (cd frontend && npm run --silent build -- --logLevel warn) || fail "the build of the dashboard failed"
    echo "$wanted" >.dev/frontend.built
  fi
  others_may_go_on
}

# install_debian COMMAND=PACKAGE ...: with apt-get, only what is missing.
install_debian() {
  local pair missing=() as_root=()
  for pair in "$@"; do
    PATH=$PATH:/usr/sbin:/sbin command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  echo "Installing Debian's ${missing[*]} ..."
  local rigs=${KERNEL_RIG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kernel-rig} # its lock: apt-get itself does not wait
  mkdir -p .dev "$rigs"
  {
    flock -w 900 8 && "${as_root[@]}" apt-get update &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
  } >.dev/apt.log 2>&1 </dev/null 8>"$rigs/apt.lock" || fail "apt-get install ${missing[*]} failed, see .dev/apt.log"
}
