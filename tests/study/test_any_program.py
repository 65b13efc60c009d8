"""hydra/sweeper=ablate in other people's programs, with no change to them."""

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest
from programs import PLAIN, command, environ, quadratic, run, write

from ablate.records import record

ASK = ("-m", "method=slow,fast", "seed=1,2,3", "hydra/sweeper=ablate", "hydra.sweeper.metric=rmse")


@pytest.fixture
def program(tmp_path):
    return quadratic(tmp_path)


def records(folder: Path) -> list:
    return record.read_study(folder)


def test_a_study_of_another_program_from_its_first_run_to_its_verdict(program):
    said = run(program, "quadratic.py", *ASK)
    assert said.returncode == 0, said.stderr
    assert said.stderr == ""
    found = records(program / "runs/method")
    assert [(one.cell, one.seed, one.state) for one in found] == [
        ({"method": name}, seed, "done") for name in ("slow", "fast") for seed in (1, 2, 3)
    ]
    assert {one.baseline for one in found if one.cell["method"] == "slow"} == {True}
    assert set(found[0].metrics) == {"rmse", "other"}
    again = run(program, "quadratic.py", *ASK)
    assert again.returncode == 0, again.stderr
    assert "method: 6 runs, 6 finished before" in again.stdout
    assert len((program / "begun.txt").read_text().splitlines()) == 6
    more = run(program, "quadratic.py", *ASK[:2], "seed=1,2,3,4", *ASK[3:])
    assert more.returncode == 0
    assert "method: 8 runs, 6 finished before" in more.stdout
    assert len((program / "begun.txt").read_text().splitlines()) == 8


@pytest.mark.slow
def test_a_parent_that_blocks_the_signal_of_ended_processes_changes_nothing(program):
    """Signals that are blocked stay so in all that is started; the server of processes waits for this one."""
    words = ["quadratic.py", *ASK]
    blocked = "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])"
    code = f"import os, signal, sys\n{blocked}\nos.execv(sys.executable, [sys.executable, *{words}])"
    said = run(program, "-c", code)
    assert said.returncode == 0, said.stderr
    assert {one.state for one in records(program / "runs/method")} == {"done"}


@pytest.mark.slow
def test_the_number_is_that_of_the_lone_run(program):
    run(program, "quadratic.py", "method=fast", "seed=2", "hydra.run.dir=alone")
    alone = json.loads((program / "alone/metrics.json").read_text())["test"]["rmse"]
    assert run(program, "quadratic.py", *ASK).returncode == 0
    (one,) = [r for r in records(program / "runs/method") if r.seed == 2 and r.cell["method"] == "fast"]
    assert one.metrics["rmse"] == alone


@pytest.mark.slow
def test_what_lies_in_the_folder_of_a_run_is_left_as_it_is(program):
    assert run(program, "quadratic.py", *ASK).returncode == 0
    assert run(program, "quadratic.py", *ASK, "hydra.sweeper.fresh=true").returncode == 0
    for one in records(program / "runs/method"):
        here = Path(one.folder)
        assert (here / "checkpoint.pt").read_text() == "1"
        assert (here / "history.csv").read_text() == "a;b\nnot numbers\n"
        assert (here / ".notes").is_dir()
        assert (here / ".hydra/config.yaml").is_file()
        assert not (here / "claim").exists()


def test_without_multirun_nothing_changes(program):
    with_us = run(program, "quadratic.py", "hydra/sweeper=ablate", "hydra.run.dir=here")
    assert with_us.returncode == 0
    assert (with_us.stdout, with_us.stderr) == ("", "")
    assert not (program / "here/record.json").exists()


@pytest.mark.slow
def test_in_the_config_of_the_project(program):
    conf = program / "conf/quadratic.yaml"
    text = conf.read_text().replace("method: slow]", "method: slow, override hydra/sweeper: ablate]")
    conf.write_text(text + "hydra:\n  sweeper: {metric: rmse, ignore: [pause_s]}\n")
    assert run(program, "quadratic.py", "-m", "method=slow,fast").returncode == 0
    again = run(program, "quadratic.py", "-m", "method=slow,fast", "pause_s=0.001")
    assert "2 finished before" in again.stdout, again.stderr
    assert {one.seed for one in records(program / "runs/method")} == {7}


@pytest.mark.slow
def test_words_that_a_program_takes_away_are_part_of_its_command(tmp_path):
    tool = "import sys\n" + PLAIN.replace('print("ran", cfg)', "return 1.0").replace(
        "    main()", "    assert sys.argv.pop(1) == 'train'\n    main()"
    )
    write(tmp_path, {"tool.py": tool})
    words = ("-m", "+a=1,2", "+seed=1", "hydra/sweeper=ablate", "hydra.sweeper.direction=minimize")
    said = run(tmp_path, "tool.py", "train", *words)
    assert said.returncode == 0, said.stderr
    plan = record.read_plan(tmp_path / "runs/a")
    assert plan.command[:4] == ["python", "tool.py", "train", "-m"]


@pytest.mark.slow
def test_finished_runs_without_the_metric_of_now_are_said(program):
    words = ("-m", "method=slow,fast", "hydra/sweeper=ablate")
    assert run(program, "quadratic.py", *words, "hydra.sweeper.metric=rmse").returncode == 0
    said = run(program, "quadratic.py", *words, "hydra.sweeper.metric=val_acc")
    assert "2 finished runs without val_acc (known: " in said.stdout
    assert "rmse); hydra.sweeper.fresh=true does them again" in said.stdout


@pytest.mark.slow
def test_runs_that_differ_in_a_place_only_are_named_with_what_reuses_them(program):
    """And it does, as the study goes on with a seed more, whichever place is given then."""

    def study(where: str, tag: str, *more: str) -> str:
        words = (
            f"+paths={{data_dir: {where}, tags: [{tag}, x]}}",
            "hydra/sweeper=ablate",
            "hydra.sweeper.metric=rmse",
        )
        said = run(program, "quadratic.py", "-m", "method=slow,fast", *words, *more)
        assert said.returncode == 0, said.stderr
        return said.stdout

    assert "done before" not in study("/data/a", "t", "seed=1")
    line = "2 runs were done before with another paths.data_dir and all else the same; "
    assert line + "hydra.sweeper.ignore=[paths.data_dir] reuses them" in study("/data/b", "t", "seed=1")
    assert "another paths.tags and" in study("/data/a", "u", "seed=1")
    assert "done before with" not in study("/data/c", "v", "seed=1"), "two keys differ"
    assert "done before with" not in study("/data/a", "t", "seed=1", "steps=3"), "steps are no place"
    begun = len((program / "begun.txt").read_text().splitlines())
    ignore = "hydra.sweeper.ignore=[paths.data_dir]"
    assert "2 runs, 2 finished before" in study("/data/z", "t", "seed=1", ignore)
    assert "4 runs, 2 finished before" in study("/data/y", "t", "seed=1,2", ignore)
    assert "4 runs, 4 finished before" in study("/data/x", "t", "seed=1,2", ignore)
    assert len((program / "begun.txt").read_text().splitlines()) == begun + 2
    assert {one.recipe for one in records(program / "runs/method") if one.seed == 2} == {
        records(program / "runs/method")[0].recipe
    }


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ("hydra.sweeper.metric=thing",),
            "hydra.sweeper.metric=thing: is more of it better? hydra.sweeper.direction",
        ),
        ((), "hydra.sweeper.metric is not set: is more of it better?"),
        (("hydra.sweeper.params=null",), "hydra.sweeper.metric is not set: is more of it better?"),
        (("hydra.sweeper.metric=rmse", "hydra.sweeper.direction=up"), "hydra.sweeper.direction=up: not one of"),
        (("hydra.sweeper.metric=rmse", "hydra.sweeper.crash_retries=-1"), "crash_retries=-1: too small"),
        (
            ("hydra.sweeper.metric=rmse", "hydra.sweeper.fresh=maybe"),
            "hydra.sweeper.fresh=maybe: not true or false",
        ),
        (
            ("hydra.sweeper.metric=rmse", "hydra.sweeper.tune=lr"),
            "hydra.sweeper.tune=lr: lr is no number; name values: {lr: [1e-3, 4e-3]}",
        ),
        (("hydra.sweeper.metric=rmse", "hydra.sweeper.design=odd"), "hydra.sweeper.design=odd: not one of"),
        (
            ("hydra.sweeper.metric=rmse", "hydra.sweeper.seeds=2", "hydra.sweeper.seed=sead"),
            "hydra.sweeper.seed=sead: this program has no such key; seed may be meant",
        ),
        (("hydra.sweeper.metric=rmse", "hydra.sweeper.margin=-1"), "hydra.sweeper.margin=-1: "),
        (
            ("hydra.sweeper.metric=rmse", "hydra.sweeper.zip=[method,x]"),
            "hydra.sweeper.zip=[method,x]: x is not swept",
        ),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_trained(program, words, line):
    said = run(program, "quadratic.py", "-m", "method=slow,fast", "hydra/sweeper=ablate", *words)
    assert said.returncode == 2, said.stderr
    assert len(said.stderr.splitlines()) == 1
    assert said.stderr.startswith("ablate: ")
    assert line in said.stderr
    assert not (program / "begun.txt").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("metric", "line"),
    [
        ("accuracy", "no such number in this run; there are other, rmse"),
        ("none.json:rmse", "the run wrote no none.json"),
        ("metrics.json:mse", "no such number in this run; there are test.rmse"),
    ],
)
def test_a_metric_that_is_not_there_fails_with_what_there_was(program, metric, line):
    said = run(
        program, "quadratic.py", "-m", "method=slow,fast", "hydra/sweeper=ablate", f"hydra.sweeper.metric={metric}"
    )
    assert said.returncode == 3
    assert {one.state for one in records(program / "runs/method")} == {"failed"}
    assert line in said.stdout


@pytest.mark.slow
def test_the_metric_of_a_file(program):
    said = run(program, "quadratic.py", *ASK[:-1], "hydra.sweeper.metric=metrics.json:test.rmse")
    assert said.returncode == 0, said.stderr
    assert all(one.metrics["test.rmse"] == one.metrics["rmse"] for one in records(program / "runs/method"))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopped_and_gone_on(program, number):
    words = (*ASK, "steps=40", "pause_s=0.05", "+hydra.sweeper.resume={goes_on_from: checkpoint.pt}")
    words = tuple(word.replace("+hydra.sweeper.resume=", "hydra.sweeper.resume=") for word in words)
    with subprocess.Popen(
        command("quadratic.py", *words), cwd=program, env=environ(), stderr=subprocess.PIPE
    ) as one:
        until = time.monotonic() + 60
        while not list(program.glob("runs/method/*/checkpoint.pt")) and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.7)
        one.send_signal(number)
        assert one.wait(60) == (-9 if number == signal.SIGKILL else 128 + number)
    states = [r.state for r in records(program / "runs/method")]
    at_once = states.count("running")
    assert at_once in (1, 2), "as many as there were cores for"
    assert "failed" not in states
    again = run(program, "quadratic.py", *words)
    assert again.returncode == 0, again.stderr
    begun = [line.split() for line in (program / "begun.txt").read_text().splitlines()]
    assert len(begun) == 6
    gone_on = [line for line in begun if int(line[2]) > 5]
    assert 1 <= len(gone_on) <= at_once, "with its checkpoint"
    assert [r.state for r in records(program / "runs/method")] == ["done"] * 6


@pytest.mark.slow
def test_seeds_are_counted_from_1_and_named(tmp_path):
    write(
        tmp_path,
        {
            "deep.py": """
                import hydra
                @hydra.main(version_base="1.3", config_path=None, config_name="deep")
                def main(cfg):
                    return cfg.train.seed * cfg.a
                from hydra.core.config_store import ConfigStore
                ConfigStore.instance().store("deep", {"a": 1, "train": {"seed": None}})
                main()
                """
        },
    )
    ask = ("hydra/sweeper=ablate", "hydra.sweeper.direction=maximize", "hydra.sweeper.seed=train.seed")
    said = run(tmp_path, "deep.py", "-m", "a=1,2", *ask, "hydra.sweeper.seeds=3")
    assert said.returncode == 0, said.stderr
    assert [(one.seed, one.metrics) for one in records(tmp_path / "runs/a")] == [
        (seed, {"value": float(seed * a)}) for a in (1, 2) for seed in (1, 2, 3)
    ]
