"""examples/any_program under each launcher, the tests that a project inherits, and the direction everywhere."""

from pathlib import Path

import pytest
from programs import ROOT, run, write

from ablate.records import record
from ablate.testing import ProgramContract

HOME = ROOT / "examples/any_program"
SLOW = pytest.mark.slow
LAUNCHERS = ("processes", *(pytest.param(n, marks=SLOW) for n in ("basic", "joblib", "submitit_local")))


@pytest.mark.hydra
@pytest.mark.parametrize("launcher", LAUNCHERS)
@pytest.mark.parametrize(
    ("name", "axis", "best"), [("regression", "model=line,curve", "curve is better than line")]
)
def test_an_example_returns_its_error(tmp_path, launcher, name, axis, best):
    said = run(tmp_path, str(HOME / f"{name}.py"), "-m", axis, "seed=1,2,3", f"hydra/launcher={launcher}")
    assert said.returncode == 0, said.stderr
    assert best in " ".join(said.stdout.split())
    records = record.read_study(tmp_path / "runs/model")
    assert [one.state for one in records] == ["done"] * 6
    assert {one.code["program"] for one in records} == {name}
    assert len({one.code["digest"] for one in records}) == 1


@SLOW
@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_an_example_logs_its_loss(tmp_path, launcher):
    said = run(tmp_path, str(HOME / "loop.py"), "-m", "lr=0.01,0.3", "seed=1,2", f"hydra/launcher={launcher}")
    assert said.returncode == 0, said.stderr
    assert "0.3 is better than 0.01" in " ".join(said.stdout.split())
    for one in record.read_study(tmp_path / "runs/lr"):
        rows = record.load_history(Path(one.folder))
        assert [row["step"] for row in rows] == list(range(1, 21))
        assert rows[-1]["val/loss"] == one.metrics["val/loss"]


@pytest.mark.slow
def test_nothing_of_accuracy_is_said_of_an_error_and_less_of_it_is_better(tmp_path):
    """On the terminal, the page and the tables: a wrong direction would be a confidently wrong verdict."""
    said = run(tmp_path, str(HOME / "regression.py"), "-m", "model=line,curve", "seed=1,2,3")
    study = tmp_path / "runs/model"
    surfaces = {"terminal": said.stdout} | {
        name: (study / "report" / name).read_text() for name in ("report.md", "table.tex", "verdict.csv")
    }
    for name, text in surfaces.items():
        plain = text.replace("95 %", "").replace("5 %", "").replace(r"95\,\%", "")
        for word in ("accuracy", "points", "epoch", "classes", "patch", "test images"):
            assert word not in plain, f"{name}: {word}"
    for name in ("terminal", "report.md"):
        assert "curve is better than line by 0.0" in " ".join(surfaces[name].split()), name
        assert "line is better" not in surfaces[name]
    turned = run(tmp_path, "-m", "ablate.report", str(study), "report.direction=maximize")
    assert "line is better than curve" in " ".join(turned.stdout.split())


@SLOW
def test_a_check_says_whether_the_seed_and_chance_do_what_they_should(tmp_path):
    words = ("-m", "model=line,curve", "seed=1,2", "hydra.sweeper.check=true")
    said = run(tmp_path, str(HOME / "regression.py"), *words)
    assert said.returncode == 0, said.stderr
    assert "check: model=line seed=1 done twice: rmse is 0.186654 both times" in said.stdout
    assert "check: seed changes rmse, as it should" in said.stdout
    write(
        tmp_path,
        {
            "odd.py": """
                import hydra, random
                @hydra.main(version_base="1.3", config_path=None)
                def main(cfg):
                    return random.SystemRandom().random() if cfg.kind == "chance" else 1.0
                if __name__ == "__main__":
                    main()
                """
        },
    )
    own = ("hydra/sweeper=ablate", "hydra.sweeper.direction=maximize", "hydra.sweeper.check=true")
    chance = run(tmp_path, "odd.py", "-m", "+kind=chance", "+seed=1,2", "hydra.sweeper.name=chance", *own)
    assert "equal runs are not equal" in chance.stdout, chance.stderr
    fixed = run(tmp_path, "odd.py", "-m", "+kind=fixed", "+seed=1,2", "hydra.sweeper.name=fixed", *own)
    assert "check: seed=1, 2 all give value 1: it seeds nothing" in fixed.stdout, fixed.stderr


@pytest.mark.slow
def test_a_table_of_results(tmp_path):
    rows = [
        f"{m},{s},{level + s / 100 + extra}"
        for m, level, extra in (("a", 1, 0), ("b", 2, 0.01))
        for s in (1, 2, 3)
    ]
    (tmp_path / "results.csv").write_text("model,seed,rmse\n" + "\n".join([*rows[:5], "b,3,2.06"]) + "\n")
    said = run(tmp_path, "-m", "ablate.report", "results.csv", "--axes", "model", "--metric", "rmse")
    assert said.returncode == 0, said.stderr
    assert "model: a is better than b by 1.0" in said.stdout
    for words, line in [
        (("none.csv",), "none.csv: cannot be read (No such file or directory)"),
        (("results.csv", "--metric", "mse"), "mse: no such column; the frame has model, seed, rmse"),
        (("results.csv", "--nothing"), "unrecognized arguments: --nothing"),
        (("results.csv", "--method", "bayes"), "argument --method: invalid choice: 'bayes'"),
    ]:
        wrong = run(tmp_path, "-m", "ablate.report", *words)
        assert (wrong.returncode, len(wrong.stderr.splitlines())) == (2, 1), wrong.stderr
        assert line in wrong.stderr


@SLOW
class TestRegression(ProgramContract):
    program = (str(HOME / "regression.py"),)
    metric = "rmse"
    home = HOME

    def test_a_run_that_is_killed_is_done_again(self, tmp_path):
        pytest.skip("its runs take milliseconds; those of the loop are killed")


@SLOW
class TestLoop(ProgramContract):
    program = (str(HOME / "loop.py"),)
    words = ("steps=2000",)
    metric = "val/loss"
    home = HOME


@SLOW
def test_the_contract_finds_what_it_is_for(tmp_path):
    write(
        tmp_path,
        {
            "bad.py": """
                import hydra
                @hydra.main(version_base="1.3", config_path=None)
                def main(cfg):
                    open("outside.txt", "w").write("here")
                    return {"loss": 1.0}
                if __name__ == "__main__":
                    main()
                """
        },
    )

    class Bad(ProgramContract):
        program = ("bad.py",)
        metric = "loss"
        seed = "seed"
        axis = ("+x=1",)
        home = tmp_path

        def command(self, runs, *words):
            return super().command(runs, *(f"+{word}" for word in words))

    with pytest.raises(AssertionError, match="seed changes nothing"):
        Bad().test_equal_runs_are_equal_and_seeds_are_not(tmp_path / "a")
    (tmp_path / "outside.txt").unlink()
    with pytest.raises(AssertionError, match="outside"):
        Bad().test_it_writes_in_the_folders_of_its_runs_only(tmp_path.parent / f"{tmp_path.name}-b")
