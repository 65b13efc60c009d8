"""The checkout that a record names is ours, whatever the environment says of another."""

import os
import subprocess

import pytest

from ablate.records import provenance


@pytest.fixture
def stranger(tmp_path):
    """Another repository, with a commit and a change."""
    git = ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@x"]
    subprocess.run([*git, "init", "-q"], check=True)
    (tmp_path / "file").write_text("one")
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "one"], check=True)
    (tmp_path / "file").write_text("two")
    return tmp_path


@pytest.mark.parametrize(
    "name", ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"]
)
def test_the_commit_is_that_of_our_checkout(stranger, monkeypatch, name):
    for known in [known for known in os.environ if known.startswith("GIT_")]:
        monkeypatch.delenv(known)
    provenance.checkout.cache_clear()
    ours = provenance.checkout()
    if ours["commit"] is None:
        pytest.skip("ablate is no checkout here")
    parts = {"GIT_WORK_TREE": "", "GIT_INDEX_FILE": ".git/index", "GIT_OBJECT_DIRECTORY": ".git/objects"}
    monkeypatch.setenv(name, str(stranger / parts.get(name, ".git")))
    if name == "GIT_WORK_TREE":
        monkeypatch.setenv("GIT_DIR", str(stranger / ".git"))
    provenance.checkout.cache_clear()
    assert provenance.checkout() == ours
    provenance.checkout.cache_clear()
