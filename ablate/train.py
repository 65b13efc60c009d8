"""Train one configured model, or with -m a study:  python -m ablate.train [-m] [axis=choice ...]"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from ablate import CONF, atomic, attempt, cli, record, workers
from ablate.claim import claimed
from ablate.plan import choices_of, plain
from ablate.progress import Progress
from ablate.stop import Stopped, heeding, pass_on

PARTS = 4  # of a batch, for a GPU that has no room for a whole one


def run(
    config: dict[str, Any],
    folder: Path,
    rec: dict[str, Any],
    show: Progress,
    pause: Callable[[], None],
    test: bool,
) -> None:
    """The whole experiment, in the order it happens. Fills the record; `pause` raises when the run is to stop.

    Without `test` the test images are left alone, as by a run that something is chosen by.
    """
    import torch
    from hydra.utils import instantiate

    from ablate import build, checkpoint, device
    from ablate.fit import evaluate

    where = workers.own(device.pick(config["device"]))
    precision = device.precision(config["precision"], where)
    device.settle(where, config["seed"])
    data = instantiate(config["data"])
    inputs = build.inputs(config, data)
    model = build.model(config, inputs.shape, data.classes).to(where)
    parts = data.load().to(where)
    rec["versions"] |= {"device": device.name(where), "precision": precision}
    rec["cost"] |= build.costs(config, inputs.shape, data.classes, images=len(parts.train.x))
    fit = build.fit(config, model, inputs, parts.train, precision, rec["accumulate"], show.step, pause)
    history = checkpoint.load(folder, fit)
    show.begin(fit.steps_an_epoch, fit.done, history)
    with (
        instantiate(config["tracker"]).run(rec, folder.parent, history) as tracked,
        checkpoint.kept(folder, fit, history),
    ):
        rec["wandb"] = tracked.facts
        record.save(folder, rec)
        while len(history) < fit.epochs:
            if fit.epoch == len(history):
                fit.train_epoch()
            val, _ = evaluate(model, inputs, parts.val.x, parts.val.y, precision=precision, pause=pause)
            row = {"epoch": fit.epoch, **fit.row, "val_loss": val["loss"], "val_acc": val["acc"]}
            tracked.epoch(row)
            history.append(row)
            checkpoint.save(folder, fit, history)
            record.save_history(folder, history)
            show.epoch_done(row)
        if test:
            seen, predicted = evaluate(model, inputs, parts.test.x, parts.test.y, precision=precision, pause=pause)
            rec["metrics"] |= {"test_acc": seen["acc"], "test_loss": seen["loss"]}
            record.save_predictions(folder, predicted.cpu().numpy(), parts.test.y.cpu().numpy(), data.classes)
        rec["metrics"] |= {k: history[-1][k] for k in ("val_acc", "val_loss", "train_loss")}
        rec["cost"] |= speed(history) | {"peak_bytes": device.peak_bytes(where)}
        with atomic.whole(folder / "weights.pt") as draft:
            torch.save(model.state_dict(), draft)
        tracked.end(rec["metrics"], rec["cost"])


def within_memory(config: dict[str, Any], folder: Path, rec: dict[str, Any], *rest: Any) -> None:
    """`run`, and where a GPU has no room for it once more with each batch in parts: the same sums, more slowly."""
    import torch

    try:
        return run(config, folder, rec, *rest)
    except torch.cuda.OutOfMemoryError as e:
        print(f"{(str(e).splitlines() or [''])[0]}\nonce more, with each batch in {PARTS} parts", flush=True)
    torch.cuda.empty_cache()  # here: as long as the exception lives so do the tensors of its frames
    rec["accumulate"] = PARTS
    run(config, folder, rec, *rest)


def speed(history: list[dict[str, float]]) -> dict[str, float]:
    """Seconds of training in all, and images/s; the first epoch warms up and is left out if it can be."""
    steady = history[1:] or history
    rate = len(steady) / sum(1 / row["images_per_s"] for row in steady)
    return {"train_s": sum(row["epoch_s"] for row in history), "images_per_s": rate}


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")
def job(cfg: DictConfig) -> None:
    """One run of a study; one that was stopped lets submitit know, which may queue it again."""
    try:
        one_run(cfg)
    except Stopped as e:
        pass_on(e.number)
        raise


def one_run(cfg: DictConfig) -> None:
    """One run of a study, in whatever process the launcher gives it, unless another process has it or did it."""
    now = HydraConfig.get()
    folder = Path(now.runtime.output_dir)
    config = plain(cfg, resolve=True)
    options, told = config["sweep"], json.loads(config["sweep"].pop("run"))
    with claimed(folder) as ours:
        found = record.load(folder)
        if not ours or attempt.settled(found, told["begun"], options):
            return
        if options["fail_fast"] and record.failed_since(folder.parent, told["begun"]):
            return
        if options["fresh"] and found and found["started"] < told["begun"]:
            attempt.restart(folder)
        rec = record.new(study=config["name"], entry=told, choices=choices_of(now), config=config)
        rec["wandb"] = found and found["wandb"]  # the tracker may go on with it
        show = Progress(rec, place=told["place"])
        with heeding() as pause, attempt.marked(folder, rec), show:
            within_memory(config, folder, rec, show, pause, told["test"])
            show.done(rec["metrics"], rec["cost"]["train_s"])


def main() -> None:
    cli.main(job)


if __name__ == "__main__":
    main()
