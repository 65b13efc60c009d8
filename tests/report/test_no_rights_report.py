"""The report on a study of somebody else, and for a user without a home."""

from made_study import made, written
from stranger import open_to_all, run_as_stranger

POS = {"pos": ["none", "learned"]}


def test_a_verdict_comes_also_where_no_page_can_be_written(tmp_path):
    study = written(open_to_all(tmp_path) / "theirs", *made(POS, [0, 1, 2]))
    study.chmod(0o555)
    done = run_as_stranger(tmp_path, "-m", "ablate.report", str(study))
    study.chmod(0o755)
    assert "learned is better than none" in " ".join(done.stdout.split())
    line = (
        f"ablate: {study}/report cannot be written (Permission denied); report.out=FOLDER puts the pages elsewhere"
    )
    assert (done.returncode, done.stderr) == (1, f"{line}\n")


def test_matplotlib_without_a_home_has_nothing_to_say(tmp_path):
    study = written(open_to_all(tmp_path) / "theirs", *made(POS, [0, 1, 2]))
    out = tmp_path / "out"
    out.mkdir()
    out.chmod(0o777)
    done = run_as_stranger(tmp_path, "-m", "ablate.report", str(study), f"report.out={out}")
    assert (done.returncode, done.stderr) == (0, "")
    assert (out / "report.html").is_file()
