#!/usr/bin/env bash
# The part of the suite that touches Hydra (marker `hydra`), with each version of Hydra that we work with.
#
#   scripts/hydra_versions.sh [VERSION ...]     1.3.2, 1.3.8 and the newest 1.4 that the index offers, if left out
#
# Each goes into a folder of its own below .venv/hydra, which stands before the installed packages on PYTHONPATH.
# The variable PYTEST holds more words for pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
python=.venv/bin/python
[ $# -gt 0 ] || set -- 1.3.2 1.3.8 1.4
for version in "$@"; do
  folder=.venv/hydra/$version
  wanted="hydra-core==$version"
  if [ "$version" = 1.4 ]; then wanted="hydra-core>=1.4.0rc1,<1.5"; rm -rf "$folder"; fi
  [ -d "$folder/hydra" ] || "$python" -m pip install --quiet --target "$folder" "$wanted"
  echo "Hydra $(PYTHONPATH=$folder "$python" -c 'import hydra, omegaconf; print(hydra.__version__, "with OmegaConf", omegaconf.__version__)')"
  PYTHONPATH=$PWD/$folder OMP_NUM_THREADS=1 \
    "$python" -m pytest -q -n auto --maxprocesses 8 -p no:cacheprovider -m "hydra and not slow" ${PYTEST:-}
done
