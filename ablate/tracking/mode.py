"""Does this process log to W&B online, offline or not at all: decided once, asking nobody, within seconds.

Left to itself `wandb.init` asks on a terminal, raises without one, and on a dead network waits 100 s a run.
"""

import os
import socket
import threading
import urllib.request
from pathlib import Path
from types import ModuleType
from typing import NamedTuple
from urllib.parse import urlsplit

from ablate.tracking import theirs
from ablate.tracking.terminal import one_line, say

MODES = ("auto", "online", "offline", "disabled")
NAMED = {
    "online": "online",
    "run": "online",
    "shared": "online",
    "dryrun": "offline",
}  # WANDB_MODE, old names too
NAMED |= {"offline": "offline", "disabled": "disabled"}
PROBE_S = 3.0  # to open a connection; asking the server who we are may then take 10 s more


class Decision(NamedTuple):
    """The mode, and for people: why, and what would change it."""

    mode: str
    why: str
    change: str


_lock = threading.Lock()
_decided: dict[str, Decision] = {}  # by what was asked for


def current(requested: str) -> Decision:
    """The decision of this process, made at the first call."""
    with _lock:
        if requested not in _decided:
            _decided[requested] = decide(requested)
        return _decided[requested]


def step_down(requested: str, failed: str, error: Exception) -> None:
    """Leave a mode that failed, online for offline, offline for none, for as long as the process lasts."""
    lower = "offline" if failed == "online" else "disabled"
    change = "`wandb sync` sends the runs later" if lower == "offline" else "the records on disk do not need it"
    decision = Decision(lower, f"{failed} failed: {one_line(error)}", change)
    with _lock:
        first = _decided[requested].mode == failed  # of several runs that are open only one brings the news
        if first:
            _decided[requested] = decision
    if first:
        say(sentence(decision))


def sentence(decision: Decision) -> str:
    """One line for the terminal."""
    return f"W&B: {decision.mode}, {decision.why} ({decision.change})"


def wandb_client(*, online: bool = False) -> ModuleType:
    """The wandb package, set up to warn but not to chat; `online` whatever a settings file says."""
    if os.environ.get("WANDB_MODE") not in NAMED:
        os.environ.pop("WANDB_MODE", None)  # wandb crashes on an empty value as on an unknown one
    # The list of all installed packages, read anew for each run, would be 3/4 of what a run costs. As a variable,
    # because a wandb without this setting ignores it.
    os.environ.setdefault("WANDB__SAVE_REQUIREMENTS", "false")
    import wandb

    quiet = wandb.Settings(show_info=False, mode="online") if online else wandb.Settings(show_info=False)
    wandb.setup(settings=quiet)
    return wandb


def decide(requested: str) -> Decision:
    """Online if that works, else offline; what the user fixed goes first."""
    if requested in ("offline", "disabled"):
        return Decision(requested, f"tracker.mode={requested}", "tracker.mode=auto goes online if that works")
    named = os.environ.get("WANDB_MODE")
    if requested == "auto" and named:
        if named not in NAMED:
            return Decision("offline", f"WANDB_MODE={named} is no mode", "online, offline or disabled is")
        if NAMED[named] != "online":
            return Decision(NAMED[named], f"WANDB_MODE={named}", "tracker.mode=online overrides it")
    try:
        return ask_server(requested)
    except Exception as error:  # no trouble with W&B may end a run
        return Decision("offline", one_line(error), "`wandb login --relogin` to try again")


def ask_server(requested: str) -> Decision:
    """Is there an account, does the server answer, does it take us? Each answer costs more than the last."""
    wandb = wandb_client(online=requested == "online")
    settings = wandb.setup().settings
    host = urlsplit(settings.base_url)
    if NAMED[settings.mode] != "online":
        return Decision(NAMED[settings.mode], "a settings file of wandb says so", "`wandb online` goes back")
    if not may_have_key(settings):
        return Decision("offline", "no account on this machine", "`wandb login` once to see runs online")
    later = "`wandb sync` sends the runs later"
    if not any(urllib.request.getproxies().get(kind) for kind in (host.scheme, "all")):
        try:
            port = host.port or (443 if host.scheme == "https" else 80)
            socket.create_connection((str(host.hostname), port), PROBE_S).close()
        except OSError as error:
            return Decision("offline", f"cannot reach {host.hostname}: {error.strerror or error}", later)
    if not wandb.login(prompt=False, verify=True):
        return Decision("offline", f"no account for {host.hostname}", "`wandb login` once to see runs online")
    return Decision("online", f"logged in at {host.hostname}", "tracker.mode=offline keeps runs here")


def may_have_key(settings: theirs.Settings) -> bool:
    """False if wandb will surely find no credentials: a machine without an account then uses no network."""
    files = (os.environ.get("NETRC"), "~/.netrc", "~/_netrc")
    return bool(settings.api_key or settings.identity_token_file) or any(
        Path(file).expanduser().is_file() for file in files if file
    )
