#!/usr/bin/env bash
# Installs what is missing and runs the tests: all of them, or one part.
#
#   ./scripts/test.sh [PART [PYTEST ARGUMENTS]]
#
#   lint          ruff, mypy, import-linter, deptry        kernel    real ext4 and XFS quotas (tests/rigs/kernel-rig)
#   unit          unit and contract tests                  services  PostgreSQL, started by the tests
#   api           both HTTP surfaces, OpenAPI              browser   Playwright with Debian's chromium
#   architecture  layers, sizes, docs against code         frontend  lint, vitest, generated client, knip, size
#   stack         real processes: commands, signals, hosts that hang
#   cluster       several servers and workers on PostgreSQL and Redis, killed at random
#   isolation     disks and mounts that hang, in the same rig
#   btrfs         real Btrfs qgroups, loop-mounted         zfs       real ZFS under QEMU; builds its module once
#   docker        the Docker quota with a real dockerd (tests/rigs/docker-rig)
#   faults                                                 comes with a later issue
#
# Ends with a line `N passed, N failed, N skipped`. CI=true: a skipped test of a real part is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/install.sh

ALL=(lint architecture unit api frontend services cluster stack kernel isolation btrfs docker browser zfs)
LATER=(faults)
ZFS_BUILD_SECONDS=2400
results=$PWD/.dev/results
failed=() times=() asides=()
trap 'for pid in ${asides[@]+"${asides[@]}"}; do pkill -P "$pid" || true; kill "$pid" 2>/dev/null || true; done' EXIT

if [ -t 1 ]; then bold=$'\e[1;34m' red=$'\e[1;31m' plain=$'\e[0m'; else bold='' red='' plain=''; fi

# step NAME SECONDS COMMAND...: runs it, bounded, and remembers whether it failed.
step() {
  local name=$1 seconds=$2 status=0 began=$SECONDS foreground=()
  shift 2
  echo "${bold}== $name${plain}"
  [ ! -t 0 ] || foreground=(--foreground)
  timeout ${foreground[@]+"${foreground[@]}"} -k 15 "$seconds" "$@" || status=$?
  [ "$status" != 124 ] || echo "$name: not done within $seconds s"
  [ "$status" = 0 ] || { failed+=("$name"); echo "${red}$name: failed with status $status${plain}"; }
  times+=("$((SECONDS - began)) s  $name")
}

# pytests NAME SECONDS ARGUMENTS...: in an order that is shuffled, but the same every time. TEST_SEED=$RANDOM tries another.
pytests() {
  local name=$1 seconds=$2
  shift 2
  step "$name" "$seconds" .venv/bin/python -m pytest -q --randomly-seed "${TEST_SEED:-1}" --junitxml "$results/$name.xml" "$@"
}

part_lint() {
  step "ruff check" 120 .venv/bin/ruff check .
  step "ruff format" 120 .venv/bin/ruff format --check .
  step "mypy" 600 .venv/bin/mypy
  step "import-linter" 120 .venv/bin/lint-imports
  step "deptry" 120 .venv/bin/deptry .
}

part_unit() { pytests unit 600 -n 2 tests/unit tests/contract "$@"; }
part_api() { pytests api 1500 -n 2 tests/api "$@"; }
part_architecture() { pytests architecture 300 tests/architecture "$@"; }

part_stack() {
  install_postgresql
  build_frontend
  pytests stack 1500 -n 2 tests/system/stack "$@"
}

# in_rig NAME ARGUMENTS...: tests/system/NAME under a kernel of its own, in the same order every time, since what a test
# leaves in a kernel stays there.
in_rig() {
  local name=$1
  shift
  step "$name" 1800 tests/rigs/kernel-rig --mem 3072 --timeout 1700 --share "$results" -- \
    .venv/bin/python -m pytest -q -p no:randomly --color=no --junitxml "$results/$name.xml" "tests/system/$name" "$@"
}

part_kernel() { in_rig kernel "$@"; }
part_isolation() { in_rig isolation "$@"; }

part_btrfs() {
  install_debian mkfs.btrfs=btrfs-progs
  pytests btrfs 600 tests/system/btrfs "$@"
}

part_docker() {
  install_debian dockerd=docker.io busybox=busybox-static mkfs.ext4=e2fsprogs curl=curl docker-compose=docker-compose auditd=auditd \
    redis-server=redis-server
  pytests docker 900 tests/system/docker "$@"
}

# The build waits for one that is under way. Plugins of pytest that are not used take minutes to load in there.
part_zfs() {
  install_debian dmsetup=dmsetup
  step "zfs build" "$ZFS_BUILD_SECONDS" tests/rigs/zfs-build
  PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 step zfs 1500 tests/rigs/kernel-rig --engine qemu --mem 3072 --blank 300 --timeout 1400 \
    --share "$results" -- bash -c '. "$(tests/rigs/zfs-build)/load" && exec "$@"' zfs \
    .venv/bin/python -m pytest -q -p pytest_timeout --color=no --junitxml "$results/zfs.xml" tests/system/zfs "$@"
}

# While the other parts run: what takes minutes the first time, and nothing later.
build_zfs_aside() {
  timeout -k 15 "$ZFS_BUILD_SECONDS" nice -n 19 tests/rigs/zfs-build >"$results/zfs-build.log" 2>&1 &
  asides+=($!)
}

# aside PART: begins it while another runs: what hangs in there waits more than it works. `back PART` waits for its end.
aside() {
  local log=$results/$1.log
  (
    trap - EXIT
    failed=() times=()
    run_part "$1"
    printf '%s\n' "${times[@]}" >"$log.times"
    [ ${#failed[@]} -eq 0 ]
  ) >"$log" 2>&1 </dev/null &
  asides+=($!)
  aside_pid=$!
}

back() {
  wait "$aside_pid" || failed+=("$1")
  cat "$results/$1.log"
  times+=("$(cat "$results/$1.log.times" 2>/dev/null || echo "cut off  $1")")
}

# What of the API lists, searches, sorts, counts and changes by SQL: once more, on PostgreSQL.
ON_BOTH=(tests/api/master/test_{lists,mappings,privacy,changes,changes_of_many,device_settings}.py)

part_services() {
  install_postgresql
  pytests services 600 tests/system/services "$@"
  QMAN_TEST_DATABASE=postgresql pytests "services api" 300 -n 2 "${ON_BOTH[@]}" "$@"
}

part_cluster() {
  install_postgresql
  install_debian redis-server=redis-server
  pytests cluster 1500 tests/system/cluster "$@"
}

part_browser() {
  install_debian chromium=chromium
  build_frontend
  pytests browser 1500 tests/browser "$@"
}

part_frontend() {
  install_node
  cd frontend
  step "frontend lint" 300 npm run --silent lint
  step "frontend" 600 npx vitest run --reporter=default --reporter=junit --outputFile.junit="$results/frontend.xml" "$@"
  step "frontend generate:check" 300 npm run --silent generate:check
  step "frontend knip" 300 npm run --silent knip
  cd ..
  build_frontend
  cd frontend
  step "frontend size" 300 npm run --silent size
  cd ..
}

install_postgresql() {
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || install_debian initdb=postgresql
}

later() { echo "$1: nothing here yet, it comes with a later issue"; }

run_part() {
  local part=$1
  shift
  case " ${LATER[*]} " in *" $part "*) later "$part"; return ;; esac
  "part_$part" "$@"
}

run_all() {
  local part
  build_zfs_aside
  for part in "${ALL[@]}"; do
    case $part in
      kernel) aside isolation; run_part kernel; back isolation ;;
      isolation) ;;
      *) run_part "$part" ;;
    esac
  done
}

case " ${ALL[*]} ${LATER[*]} " in
  *" ${1:-${ALL[0]}} "*) ;;
  *) fail "no part is called $1; there are: ${ALL[*]} ${LATER[*]}" ;;
esac
mkdir -p "$results"
rm -f "$results"/*.xml "$results"/*.times
install_python requirements-dev.txt
if [ $# -gt 0 ]; then run_part "$@"; else run_all; fi

echo
[ ${#times[@]} -eq 0 ] || printf '%s\n' "${times[@]}"
[ ${#failed[@]} -eq 0 ] || printf "${red}failed: %s${plain}\n" "${failed[@]}"
exec .venv/bin/python -m scripts.test_totals "$results" ${failed[@]+"${failed[@]}"}
