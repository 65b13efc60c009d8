"""The lines at the end of a study, from folders made by hand."""

from ablate.tracking import Wandb

TRACKER = Wandb(mode="auto", project=None, entity=None)


def run_folder(study, name, *files):
    folder = study / "wandb" / name
    folder.mkdir(parents=True)
    for file in ("run-x.wandb", *files):
        (folder / file).write_text("https://host/us/ablate-mnist/groups/g")


def test_nothing_to_say_of_an_empty_study(study):
    assert TRACKER.closing(study) == []


def test_offline_runs(study):
    run_folder(study, "offline-run-1-a")
    run_folder(study, "offline-run-2-b")
    assert TRACKER.closing(study) == [
        "W&B: 2 runs, 2 not sent yet",
        "  look: wandb leet 'runs/patch pos/wandb'",
        "  send: wandb sync 'runs/patch pos/wandb'/offline-run-*",
    ]


def test_what_was_sent_since_is_not_asked_for_again(study):
    run_folder(study, "offline-run-1-a", "run-x.wandb.synced")
    run_folder(study, "run-2-b", "unsent", "run-x.wandb.synced")
    assert TRACKER.closing(study)[0] == "W&B: 2 runs, all sent"
    assert not [line for line in TRACKER.closing(study) if "send:" in line]


def test_a_single_online_run(study):
    run_folder(study, "run-1-a", "sent")
    assert TRACKER.closing(study) == [
        "W&B: 1 run, all sent",
        "  look: wandb leet 'runs/patch pos/wandb'",
        "  look: https://host/us/ablate-mnist/groups/g",
    ]


def test_a_run_that_never_began_does_not_count(study):
    run_folder(study, "run-1-a")
    assert TRACKER.closing(study) == []


def test_only_the_runs_that_were_cut_off_are_named(study):
    run_folder(study, "run-1-a", "sent")
    run_folder(study, "run-2-b", "unsent")
    assert TRACKER.closing(study)[0] == "W&B: 2 runs, 1 not sent yet"
    assert TRACKER.closing(study)[-1] == "  send: wandb sync --include-online 'runs/patch pos/wandb'/run-2-b"


def test_paths_are_relative_to_where_the_user_stands(study, tmp_path, monkeypatch):
    run_folder(study, "offline-run-1-a")
    monkeypatch.chdir(study)
    assert TRACKER.closing(study)[1] == "  look: wandb leet wandb"
