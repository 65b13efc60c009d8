"""What a reader must know before the numbers."""

from made_study import made, written


def test_seconds_of_compiled_runs_are_not_compared_in_silence(tmp_path, told):
    asked, records = made({"patch": ["4", "7"]}, [0, 1, 2])
    for one in records:
        one["versions"] = one["versions"] | {"compile": "inductor" if one["cell"]["patch"] == "4" else "off"}
    written(tmp_path / "runs/some", asked, records)
    assert "Compiled: 3 of 6 runs. Their seconds and images/s cannot be compared" in told("runs/some").text
    for one in records:
        one["versions"]["compile"] = "inductor"
    written(tmp_path / "runs/all", asked, records)
    assert "compiled" not in told("runs/all").text
