"""A command ends at once, and all that it has promised is kept: its code, its words, what it does at its end."""

import subprocess
import sys

import pytest

PROGRAM = """
import atexit, sys, threading, time
from ablate.config import leaving

class Taken:
    def __del__(self):
        print("taken apart")

kept = Taken()
kept.itself = kept

def main():
    atexit.register(print, "at exit")
    threading.Thread(target=lambda: (time.sleep(0.2), print("thread"))).start()
    sys.stdout.write("said ")
    {last}

leaving.at_once(main)
"""


@pytest.mark.parametrize(
    ("last", "code", "is_at_once"),
    [
        ("return None", 0, True),
        ("return 3", 3, True),
        ("sys.exit()", 0, True),
        ("sys.exit(130)", 130, True),
        ("sys.exit('in words')", 1, False),
        ("raise KeyError('a bug')", 1, False),
    ],
)
def test_a_command_ends_with_its_code_once_all_is_done(last, code, is_at_once):
    program = PROGRAM.format(last=last)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert ended.returncode == code
    assert ended.stdout.split("\n")[:2] == ["said thread", "at exit"]
    assert ("taken apart" in ended.stdout) is not is_at_once
    assert ("in words" in ended.stderr, "a bug" in ended.stderr) == ("in words" in last, "a bug" in last)


def test_nobody_need_read_what_it_says():
    program = PROGRAM.format(last="sys.stdout.close()")
    ended = subprocess.run([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True, timeout=60)
    assert ended.returncode == 0
