"""Train one configured model, or with -m a study:  python -m ablate.train [-m] [axis=choice ...]"""

from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from ablate import CONF, cli, record
from ablate.plan import choices_of, plain


def run(config: dict[str, Any], folder: Path, rec: dict[str, Any], place: tuple[int, int]) -> None:
    """The whole experiment, in the order it happens. Fills the record; `place` is (run x, of n)."""
    import torch
    from hydra.utils import instantiate

    from ablate import build, device
    from ablate.fit import Fit, evaluate
    from ablate.inputs import on_cpu
    from ablate.progress import Progress

    seed, where = config["seed"], device.pick(config["device"])
    precision = device.precision(config["precision"], where)
    device.settle(where, seed)
    data = instantiate(config["data"])
    inputs = build.inputs(config, data)
    model = build.model(config, inputs.shape, data.classes).to(where)
    parts = data.load().to(where)
    rec["versions"] |= {"device": device.name(where), "precision": precision}
    rec["cost"] |= build.costs(config, inputs.shape, data.classes, images=len(parts.train.x))
    tracker = instantiate(config["tracker"])
    with (
        tracker.run(rec, folder.parent) as tracked,
        Progress(rec, place=place, images=len(parts.train)) as progress,
    ):
        rec["wandb"] = tracked.facts
        fit = Fit(
            model=model,
            optimizer=instantiate(config["optim"], _convert_="all")(model),
            schedule=instantiate(config["sched"]),
            inputs=inputs,
            x=parts.train.x,
            y=parts.train.y,
            epochs=config["epochs"],
            batch=config["batch"],
            order=on_cpu(seed, "order"),
            augmentation=on_cpu(seed, "augmentation"),
            precision=precision,
            clip=config["clip"],
            label_smoothing=config["label_smoothing"],
            watch=progress.step,
        )
        history = []
        while fit.epoch < fit.epochs:
            trained = fit.train_epoch()
            val, _ = evaluate(model, inputs, parts.val.x, parts.val.y, precision=precision)
            row = {"epoch": fit.epoch, **trained, "val_loss": val["loss"], "val_acc": val["acc"]}
            history.append(row)
            record.save_history(folder, history)
            tracked.epoch(row)
            progress.epoch_done(row)
        test, predicted = evaluate(model, inputs, parts.test.x, parts.test.y, precision=precision)
        rec["metrics"] |= {"test_acc": test["acc"], "test_loss": test["loss"]}
        rec["metrics"] |= {k: row[k] for k in ("val_acc", "val_loss", "train_loss")}
        rec["cost"] |= speed(history) | {"peak_bytes": device.peak_bytes(where)}
        record.save_predictions(folder, predicted.cpu().numpy(), parts.test.y.cpu().numpy(), data.classes)
        with record.whole(folder / "weights.pt") as draft:
            torch.save(model.state_dict(), draft)
        tracked.end(rec["metrics"], rec["cost"])
        progress.done(rec["metrics"], rec["cost"]["train_s"])


def speed(history: list[dict[str, float]]) -> dict[str, float]:
    """Seconds of training in all, and images/s; the first epoch warms up and is left out if it can be."""
    steady = history[1:] or history
    rate = len(steady) / sum(1 / row["images_per_s"] for row in steady)
    return {"train_s": sum(row["epoch_s"] for row in history), "images_per_s": rate}


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")
def job(cfg: DictConfig) -> None:
    """One run of a study, in whatever process the launcher gives it."""
    now = HydraConfig.get()
    folder = Path(now.runtime.output_dir)
    config, choices = plain(cfg, resolve=True), choices_of(now)
    entry, place = record.entry_of(folder)
    rec = record.new(study=config["name"], entry=entry, choices=choices, config=config)
    with record.attempt(folder, rec):
        run(config, folder, rec, place)


def main() -> None:
    cli.main(job)


if __name__ == "__main__":
    main()
