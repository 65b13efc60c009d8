"""scripts/fetch_data.py, as a process of its own and on a terminal of its own."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from data_doubles import CONTENTS

HERE = Path(__file__).parent
SCRIPT = HERE.parents[1] / "scripts" / "fetch_data.py"
ENV = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parents[1])]), "TERM": "xterm"}
# The script with small files and our own mirror in the place of MNIST's.
DOUBLED = f"""
import runpy, sys
import ablate.data.mnist as mnist
from ablate.data.fetch import Published
from ablate.data.mirror import Mirror
from data_doubles import FILES
mirror = Mirror(url=sys.argv.pop(1), timeout=20, limit=20)
mnist.PUBLISHED = Published("mnist", "MNIST", FILES, lambda: [mirror])
runpy.run_path({str(SCRIPT)!r}, run_name="__main__")
"""


def run(*args, stderr=subprocess.PIPE):
    done = subprocess.run([sys.executable, *args], env=ENV, stdout=subprocess.PIPE, stderr=stderr, text=True)
    return done.returncode, done.stdout, done.stderr


def on_a_terminal(*args):
    """The exit code, and what a terminal was sent."""
    ours, theirs = pty.openpty()
    code, _, _ = run(*args, stderr=theirs)
    os.close(theirs)
    sent = b""
    try:
        while chunk := os.read(ours, 1 << 16):
            sent += chunk
    except OSError:  # the other end is closed, as Linux says it
        pass
    os.close(ours)
    return code, sent.decode()


def test_help_says_what_there_is_to_fetch():
    code, out, _ = run(SCRIPT, "--help")
    assert code == 0
    assert out.split()[:5] == ["usage:", "fetch_data.py", "[-h]", "[--root", "DIR]"]
    assert "{cifar10,cifar100,emnist,fashion_mnist,kmnist,mnist,svhn}" in out


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (["imagenet"], "fetch_data: argument dataset: invalid choice: 'imagenet' (choose from "),
        ([], "fetch_data: the following arguments are required: dataset; try --help\n"),
        (["mnist", "--rot"], "fetch_data: unrecognized arguments: --rot; try --help\n"),
        (["mnist", "--root"], "fetch_data: argument --root: expected one argument; try --help\n"),
    ],
)
def test_a_wrong_command_line_gets_one_line(args, complaint):
    code, out, err = run(SCRIPT, *args)
    assert (code, out) == (2, "")
    assert err.startswith(complaint)
    assert err.count("\n") == 1


def test_without_a_terminal_the_lines_are_plain(tmp_path, web):
    root = tmp_path / "digits"
    code, out, err = run("-c", DOUBLED, web.url, "mnist", "--root", root)
    assert (code, out) == (0, "")
    assert err.splitlines() == [
        f"MNIST: none of the 2 files in {root}; trying {web.url} (time-out 20 s)",
        f"MNIST: 2 files verified in {root}",
    ]
    assert {name: (root / name).read_bytes() for name in CONTENTS} == CONTENTS
    code, out, err = run("-c", DOUBLED, web.url, "mnist", "--root", root)
    assert (code, out, err) == (0, "", f"MNIST: 2 files verified in {root}\n"), "all is there, which it says"


def test_on_a_terminal_there_is_a_bar_for_each_file(tmp_path, web):
    code, sent = on_a_terminal("-c", DOUBLED, web.url, "mnist", "--root", tmp_path)
    assert code == 0
    for name, page in web.pages.items():
        assert f"{name} " in sent
        assert f"{len(page)}/{len(page)} bytes" in sent
    assert "━" in sent
    assert "MNIST: 2 files verified in" in sent


@pytest.mark.parametrize("how", [run, on_a_terminal])
def test_no_source_is_exit_code_1_and_tells_what_to_do(tmp_path, web, how):
    web.pages.clear()
    code, *_, said = how("-c", DOUBLED, web.url, "mnist", "--root", tmp_path)
    assert code == 1
    assert "MNIST is not complete and no source has what is missing:" in said
    assert f"python scripts/fetch_data.py mnist --root {tmp_path}" in said
    assert "Traceback" not in said


@pytest.mark.network
def test_the_real_digits_come_from_some_source(tmp_path):
    code, _, err = run(SCRIPT, "mnist", "--root", tmp_path)
    assert code == 0, err
    assert err.endswith(f"MNIST: 4 files verified in {tmp_path}\n")
