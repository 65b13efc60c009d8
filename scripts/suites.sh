#!/usr/bin/env bash
# Suites of tests by name, one after the other:  scripts/suites.sh check cover slow hydra browser slurm ray gpu network
#
# Ends with those that failed (exit 1), and with those that this machine cannot run, and why (which fails nothing).
set -uo pipefail
cd "$(dirname "$0")/.."
python=$PWD/.venv/bin/python
failed=() absent=()

run() { echo "== $1"; "${@:2}" || failed+=("$1"); }
test_of() { "$python" -m pytest -m "$@"; }
installed() { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null
may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

browser() {
  if ! installed && may_install; then
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } \
      >/dev/null 2>&1
  fi
  if installed; then run browser test_of browser; else absent+=("browser: no Chromium, and apt-get cannot install it"); fi
}

slurm() {
  if may_install; then run slurm scripts/slurm_test.sh; else absent+=("slurm: needs root and Debian's apt-get"); fi
}

ray() {  # it wants cloudpickle<3, so it stands in a folder of its own, before the installed packages
  local folder=$PWD/.venv/ray
  if [ ! -d "$folder/ray" ] && ! "$python" -m pip install --quiet --target "$folder" "hydra-ray-launcher>=1.2"; then
    rm -rf "$folder"
    absent+=("ray: hydra-ray-launcher cannot be installed with this Python")
    return
  fi
  PYTHONPATH=$folder run ray "$python" -m pytest tests/study/test_launchers.py -k ray
}

gpu() {
  if "$python" -c "import sys, torch; sys.exit(not torch.cuda.is_available())"; then run gpu test_of gpu; else absent+=("gpu: no GPU with CUDA"); fi
}

network() { run network test_of network; }

for suite in "$@"; do
  case $suite in
    browser | slurm | ray | gpu | network) "$suite" ;;
    *) run "$suite" make "$suite" ;;
  esac
done
[ ${#absent[@]} = 0 ] || printf 'not run here: %s\n' "${absent[@]}"
[ ${#failed[@]} = 0 ] || { printf 'failed: %s\n' "${failed[@]}"; exit 1; }
