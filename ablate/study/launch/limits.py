"""How many runs a launcher can be handed at once."""

import re
import subprocess

SLURM_DEFAULT = 1001  # elements of an array, where slurm.conf does not say


def most(launcher: object) -> int | None:
    """Runs that one hand-over may hold; None for any number. The rest is handed over when these have ended."""
    return array_size() if type(launcher).__name__ == "SlurmLauncher" else None


def array_size() -> int:
    """Elements that an array of this cluster may have: its MaxArraySize, or Slurm's own default."""
    command = ["scontrol", "show", "config"]
    try:
        said = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", timeout=30).stdout
    except (OSError, subprocess.TimeoutExpired):
        return SLURM_DEFAULT
    found = re.search(r"^MaxArraySize\s*=\s*(\d+)", said, re.MULTILINE)
    return max(1, int(found[1])) if found else SLURM_DEFAULT
