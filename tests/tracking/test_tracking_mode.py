"""How the mode is chosen, and the line that says so."""

import os
import socket
import subprocess
import sys
import time

import pytest
from omegaconf import OmegaConf
from wandb_double import KEY

from ablate import CONF
from ablate.config.hydra_versions import instantiate
from ablate.tracking import Nothing, Wandb
from ablate.tracking import mode as modes
from ablate.tracking.terminal import scrub


def tracker(mode="auto"):
    return Wandb(mode=mode, project=None, entity=None)


@pytest.mark.parametrize(("choice", "kind"), [("wandb", Wandb), ("none", Nothing)])
def test_conf_names_the_trackers(choice, kind):
    made = instantiate(OmegaConf.load(CONF / "tracker" / f"{choice}.yaml"))
    assert type(made) is kind


def test_no_account():
    line = "W&B: offline, no account on this machine (`wandb login` once to see runs online)"
    assert tracker().announce() == line


def test_logged_in(server):
    line = "W&B: online, logged in at 127.0.0.1 (tracker.mode=offline keeps runs here)"
    assert tracker().announce() == line


def test_decided_once_a_process(server):
    first = tracker().announce()
    asked = len(server.requests)
    server.vanish()
    assert tracker().announce() == first
    assert asked == len(server.requests) > 0


def test_a_key_in_netrc_counts(server, home, monkeypatch):
    monkeypatch.delenv("WANDB_API_KEY")
    (home / "netrc").write_text(f"machine 127.0.0.1:{server.port}\n  login user\n  password {KEY}\n")
    (home / "netrc").chmod(0o600)
    assert "W&B: online" in tracker().announce()


def test_a_netrc_for_others_is_no_account(server, home, monkeypatch):
    monkeypatch.delenv("WANDB_API_KEY")
    (home / "netrc").write_text("machine example.org\n  login user\n  password secret\n")
    (home / "netrc").chmod(0o600)
    assert tracker().announce().startswith("W&B: offline, no account for 127.0.0.1 (")


def test_a_key_that_cannot_be_one(server, monkeypatch):
    monkeypatch.setenv("WANDB_API_KEY", "abc")
    line = tracker().announce()
    assert line == (
        "W&B: offline, WANDB_API_KEY invalid: API key must have 40+ characters, has 3 "
        "(`wandb login --relogin` to try again)"
    )


def test_a_key_that_the_server_refuses(server, monkeypatch):
    wrong = KEY[::-1]
    monkeypatch.setenv("WANDB_API_KEY", wrong)
    line = tracker().announce()
    assert line.startswith("W&B: offline, Failed to authenticate with http://127.0.0.1:")
    assert line.endswith("there is no user with the key *** (`wandb login --relogin` to try again)")


def test_a_server_that_refuses_connections(server):
    server.vanish()
    line = "W&B: offline, cannot reach 127.0.0.1: Connection refused (`wandb sync` sends the runs later)"
    assert tracker().announce() == line


def test_a_network_that_swallows_packets(server, monkeypatch):
    monkeypatch.setattr(modes, "PROBE_S", 0.3)
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (first, second):  # nobody accepts: with its queue full the port stops answering
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        monkeypatch.setenv("WANDB_BASE_URL", f"http://127.0.0.1:{full.getsockname()[1]}")
        assert tracker().announce().startswith("W&B: offline, cannot reach 127.0.0.1: timed out")


@pytest.mark.slow
def test_a_server_that_accepts_and_never_answers(server):
    server.mood = "hang"
    began = time.monotonic()
    assert tracker().announce().startswith("W&B: offline, ")
    assert time.monotonic() - began < 15


def test_a_server_in_trouble(server, monkeypatch):
    server.mood = "fail"
    monkeypatch.setenv("WANDB_HTTP_TIMEOUT", "2")  # wandb tries a 500 again for 10 s
    assert tracker().announce().startswith("W&B: offline, ")


@pytest.mark.parametrize("named", ["offline", "dryrun"])
def test_wandb_mode_offline(server, monkeypatch, named):
    monkeypatch.setenv("WANDB_MODE", named)
    assert tracker().announce() == f"W&B: offline, WANDB_MODE={named} (tracker.mode=online overrides it)"
    assert not server.requests


def test_wandb_mode_disabled_is_silent(server, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "disabled")
    assert tracker().announce() is None


def test_wandb_mode_empty_counts_as_unset(server, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "")
    assert "W&B: online" in tracker().announce()


def test_wandb_mode_misspelt(monkeypatch, record, study):
    monkeypatch.setenv("WANDB_MODE", "ofline")
    line = "W&B: offline, WANDB_MODE=ofline is no mode (online, offline or disabled is)"
    assert tracker().announce() == line
    with tracker().run(record(), study) as run:
        assert run.facts["mode"] == "offline"


def test_tracker_mode_overrides_wandb_mode(server, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "offline")
    assert "W&B: online" in tracker("online").announce()


def test_what_wandb_offline_left_in_the_settings_is_respected(server, home):
    (home / "wandb_config_dir" / "settings").write_text("[default]\nmode = offline\n")
    line = "W&B: offline, a settings file of wandb says so (`wandb online` goes back)"
    assert tracker().announce() == line
    assert not server.requests


def test_wandb_mode_of_old_is_still_online(server, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "run")
    assert "W&B: online, logged in at 127.0.0.1" in tracker().announce()


def test_tracker_mode_offline_overrides_wandb_mode(monkeypatch, record, study):
    monkeypatch.setenv("WANDB_MODE", "disabled")
    with tracker("offline").run(record(), study) as run:
        assert run.facts["mode"] == "offline"
    assert len(list(study.glob("wandb/offline-run-*/*.wandb"))) == 1


def test_tracker_mode_offline(server):
    line = "W&B: offline, tracker.mode=offline (tracker.mode=auto goes online if that works)"
    assert tracker("offline").announce() == line
    assert not server.requests


def test_a_mode_that_is_none():
    with pytest.raises(ValueError, match=r"^tracker.mode=onlin is no mode; auto, online, offline, disabled are$"):
        tracker("onlin")


def test_no_line_holds_anything_like_a_key(monkeypatch):
    monkeypatch.setenv("WANDB_API_KEY", "short-secret")
    text = f"short-secret {KEY} local-{KEY} https://user:word@host/path"
    assert scrub(text) == "*** *** local-*** https://host/path"


IMPORTS = """
import sys
from pathlib import Path
from ablate.tracking import Nothing, Wandb
for tracker in (Nothing(), Wandb(mode="disabled", project=None, entity=None)):
    assert tracker.announce() is None
    with tracker.run({}, Path("study")) as run:
        run.epoch({"epoch": 0})
        run.end({}, {})
    assert run.facts is None
    assert tracker.closing(Path("study")) == []
assert "wandb" not in sys.modules
"""


def test_whoever_does_not_track_does_not_load_wandb(tmp_path):
    subprocess.run([sys.executable, "-c", IMPORTS], check=True, env=os.environ | {"PYTHONPATH": here()})
    assert not (tmp_path / "study").exists()


ON_A_TERMINAL = """
import sys
from ablate.tracking import Wandb
assert sys.stdin.isatty() and sys.stderr.isatty()
print(Wandb(mode="auto", project=None, entity=None).announce())
"""


def test_on_a_terminal_it_does_not_ask():
    pty = pytest.importorskip("pty", reason="needs a pseudo-terminal")
    ours, theirs = pty.openpty()
    env = os.environ | {"PYTHONPATH": here()}
    ends = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    subprocess.run([sys.executable, "-c", ON_A_TERMINAL], check=True, env=env, timeout=30, **ends)
    os.close(theirs)
    shown = os.read(ours, 10_000).decode().strip()
    os.close(ours)
    assert shown == "W&B: offline, no account on this machine (`wandb login` once to see runs online)"


def here():
    return os.pathsep.join(sys.path)


def test_nothing_is_said_without_a_tracker(tmp_path):
    assert Nothing().announce() is None
    assert Nothing().closing(tmp_path) == []
