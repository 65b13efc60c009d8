#!/usr/bin/env bash
# Tests on a real Slurm: sets one up on this machine, runs pytest's marker `slurm` on it, takes it down again.
#
#   scripts/slurm_test.sh [--accounting] [words for pytest]
#
# One node, bound to loopback, from Debian's packages (installed if they are missing; needs root, no systemd).
# Without --accounting there is no sacct that answers, as on many a cluster; with it, MariaDB and slurmdbd are set
# up too. Everything lives in a folder of its own, and only processes that were started here are ended.
# $PYTHON is the interpreter (default: .venv/bin/python, else python3).
set -euo pipefail

accounting=false
if [ "${1:-}" = --accounting ]; then accounting=true; shift; fi
repo=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-$repo/.venv/bin/python}
[ -x "$python" ] || python=$(command -v python3)
[ "$(id -u)" = 0 ] || { echo "slurm_test: needs root, to start Slurm's services" >&2; exit 1; }

packages="slurmctld slurmd slurm-client munge"
if $accounting; then packages+=" slurmdbd mariadb-server"; fi
missing=$(for name in $packages; do dpkg -s "$name" >/dev/null 2>&1 || echo "$name"; done)
if [ -n "$missing" ]; then
  apt-get update -qq
  # shellcheck disable=SC2086  # a word each
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 $missing >/dev/null
fi

here=$(mktemp -d /tmp/ablate-slurm.XXXXXX)
chmod 755 "$here"
export SLURM_CONF=$here/slurm.conf
pids=()
take_down() {
  for pid in $(printf '%s\n' "${pids[@]}" | tac); do
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null || true
  done
  rm -rf "$here"
}
trap take_down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

start() {  # NAME COMMAND...: in the background and the foreground of its own log
  local name=$1; shift
  "$@" >"$here/$name.out" 2>&1 &
  pids+=($!)
}
answers() {  # WHAT COMMAND...: waits until the command succeeds
  local what=$1; shift
  for _ in $(seq 150); do "$@" >/dev/null 2>&1 && return; sleep 0.2; done
  echo "slurm_test: $what does not answer" >&2
  tail -n 5 "$here"/*.out "$here"/*.log >&2
  exit 1
}
free_port() { "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# munge: who sends what to Slurm. Its own user, its own key, a socket of its own.
install -d -o munge -g munge -m 755 "$here/munge"
dd if=/dev/urandom of="$here/munge/key" bs=1024 count=1 status=none
chown munge: "$here/munge/key"
chmod 400 "$here/munge/key"
socket=$here/munge/socket
start munged setpriv --reuid=munge --regid=munge --clear-groups munged --foreground --key-file="$here/munge/key" \
  --socket="$socket" --pid-file="$here/munge/pid" --log-file="$here/munge/log" --seed-file="$here/munge/seed"
answers munge munge --no-input --socket="$socket"

node=$(hostname -s)
cpus=$(getconf _NPROCESSORS_ONLN)  # nproc heeds OMP_NUM_THREADS
[ "$cpus" -gt 1 ] || cpus=2  # the tests need two jobs at once
ctld=$(free_port) slurmd=$(free_port) dbd=$(free_port)
storage="AccountingStorageType=accounting_storage/none"
if $accounting; then
  install -d -o mysql -g mysql -m 755 "$here/mysql"
  mariadb-install-db --user=mysql --datadir="$here/mysql/data" --auth-root-authentication-method=normal \
    --skip-test-db >"$here/install-db.out" 2>&1
  start mariadbd mariadbd --no-defaults --user=mysql --datadir="$here/mysql/data" --skip-networking \
    --socket="$here/mysql/socket" --pid-file="$here/mysql/pid"
  answers MariaDB mariadb-admin --socket="$here/mysql/socket" ping
  mariadb --socket="$here/mysql/socket" -e "create database slurm; create user slurm@localhost identified by 'here';
    grant all on slurm.* to slurm@localhost"
  cat >"$here/slurmdbd.conf" <<EOF
AuthType=auth/munge
AuthInfo=socket=$socket
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort=$dbd
CommunicationParameters=NoInAddrAny
SlurmUser=root
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser=slurm
StoragePass=here
StorageLoc=slurm
LogFile=$here/slurmdbd.log
PidFile=$here/slurmdbd.pid
EOF
  chmod 600 "$here/slurmdbd.conf"
  storage="AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=$dbd
AccountingStoragePass=$socket"
fi

install -d "$here/state" "$here/spool"
cat >"$here/slurm.conf" <<EOF
ClusterName=ablate
SlurmctldHost=$node(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmdParameters=config_overrides
AuthType=auth/munge
AuthInfo=socket=$socket
CredType=cred/munge
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
ReturnToService=2
StateSaveLocation=$here/state
SlurmdSpoolDir=$here/spool
SlurmctldPidFile=$here/slurmctld.pid
SlurmdPidFile=$here/slurmd.pid
SlurmctldLogFile=$here/slurmctld.log
SlurmdLogFile=$here/slurmd.log
SlurmctldPort=$ctld
SlurmdPort=$slurmd
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=1000
MinJobAge=${MIN_JOB_AGE:-300}
KillWait=5
InactiveLimit=0
$storage
GresTypes=gpu
NodeName=$node NodeAddr=127.0.0.1 CPUs=$cpus RealMemory=$(free -m | awk '/^Mem/ {print $2 - 500}') Gres=gpu:1 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
PartitionName=gpu Nodes=ALL MaxTime=INFINITE State=UP
EOF
echo "NodeName=$node Name=gpu File=/dev/null" >"$here/gres.conf"  # a GPU for the scheduler, none to compute on
if $accounting; then
  # The client library of MySQL knows no other way to be told of a socket.
  MYSQL_UNIX_PORT=$here/mysql/socket start slurmdbd slurmdbd -D
  answers slurmdbd sacctmgr -n show cluster
  sacctmgr -i add cluster ablate >/dev/null 2>&1 || true
fi
start slurmctld slurmctld -D -c
start slurmd slurmd -D
answers Slurm sh -c "sinfo -h -o %T | grep -q idle"

cd "$repo"
echo "slurm_test: $(sinfo --version), accounting $accounting"
ABLATE_SLURM_ACCOUNTING=$accounting "$python" -m pytest -m slurm tests/study/test_slurm.py "$@"
