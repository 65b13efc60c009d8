"""The experiment: one model trained and tested, in the order in which it happens."""

from dataclasses import replace
from functools import partial
from typing import Any

from ablate.records import atomic, record
from ablate.records.damage import set_aside
from ablate.study.experiment import Attempt, Config
from ablate.train import seat
from ablate.train.progress import Progress

PARTS = 4  # of a batch, for a GPU that has no room for a whole one


def run(config: Config, attempt: Attempt, show: Progress) -> None:
    """The whole experiment, in the order it happens. Fills the attempt's record."""
    import torch

    from ablate.config.hydra_versions import instantiate
    from ablate.config.once import once
    from ablate.data.limit import limited
    from ablate.train import build, checkpoint, compiled, device
    from ablate.train.evaluate import evaluate

    folder, pause = attempt.folder, attempt.pause
    if attempt.threads:
        torch.set_num_threads(attempt.threads)
    where = seat.own(device.pick(config["device"]))
    precision = device.precision(config["precision"], where)
    device.settle(where, config["seed"])
    data = instantiate(config["data"])
    inputs = build.inputs(config, data)
    model, done = build.filled(config, inputs.shape, data.classes)
    model = model.to(where)
    parts = limited(data.load(), config["limit"]).to(where)
    attempt.record = replace(attempt.record, data=facts(data, parts), init=done.facts() if done else None)
    attempt.note(versions={"device": device.name(where), "precision": precision})
    attempt.note(cost=build.costs(config, inputs.shape, data.classes, images=len(parts.train.x)))
    accumulate = max(attempt.record.accumulate or 1, config["accumulate"])
    attempt.record = replace(attempt.record, accumulate=accumulate)
    way = compiled.gradient(config, where, attempt.record.cost["train_flops"], accumulate)
    mix, n = getattr(inputs.augment, "mix", None), data.classes
    fit = build.fit(config, model, inputs, parts.train, precision, accumulate, show.step, pause, way, n, mix)
    seen = partial(evaluate, fit.judged, inputs, precision=precision, pause=pause)
    history = checkpoint.resume(folder, fit)
    unjudged = fit.epoch > len(history)  # it was stopped in the validation after an epoch
    if done is not None:
        show.say(done.line())
    show.begin(fit.steps_an_epoch, fit.steps_an_epoch if unjudged else fit.done, history)
    with (
        once(config["tracker"]).run(attempt.record, folder.parent, history) as tracked,
        checkpoint.kept(folder, fit, history),
    ):
        attempt.record = replace(attempt.record, wandb=tracked.facts)
        attempt.save()
        while len(history) < fit.epochs:
            if fit.epoch == len(history):
                fit.train_epoch()
            val, _ = seen(parts.val.x, parts.val.y, where=f"validation after step {fit.steps}")
            row = {"epoch": fit.epoch, **fit.row, "val_loss": val["loss"], "val_acc": val["acc"]}
            tracked.epoch(row)
            history.append(row)
            checkpoint.save(folder, fit, history)
            record.save_history(folder, history)
            show.epoch_done(row)
        if attempt.test:
            test, predicted = seen(parts.test.x, parts.test.y, where=f"the test after step {fit.steps}")
            attempt.note(metrics={"test_acc": test["acc"], "test_loss": test["loss"]})
            labels = parts.test.y.cpu().numpy()
            record.save_predictions(folder, attempt.record.id, predicted.cpu().numpy(), labels, data.classes)
        attempt.note(metrics={k: history[-1][k] for k in ("val_acc", "val_loss", "train_loss")})
        attempt.note(cost={**speed(history), "peak_bytes": device.peak_bytes(where)})
        attempt.note(versions=compiled.versions(way))
        with atomic.whole(folder / "weights.pt") as draft:
            torch.save(fit.judged.state_dict(), draft)
        tracked.end(attempt.record.metrics, attempt.record.cost)


def within_memory(config: Config, attempt: Attempt, show: Progress) -> None:
    """`run`.

    If the GPU has not enough memory, it runs again with each batch in parts, which is slower and equal.
    """
    import torch

    try:
        return resumed(config, attempt, show)
    except torch.cuda.OutOfMemoryError as e:
        print(f"{(str(e).splitlines() or [''])[0]}\nonce more, with each batch in {PARTS} parts", flush=True)
    torch.cuda.empty_cache()  # here: as long as the exception lives so do the tensors of its frames
    attempt.record = replace(attempt.record, accumulate=PARTS * config["accumulate"])
    resumed(config, attempt, show)


def resumed(config: Config, attempt: Attempt, show: Progress) -> None:
    """`run` from where it was stopped; from its start where the checkpoint cannot be used, which is said."""
    from ablate.train import checkpoint

    try:
        return run(config, attempt, show)
    except checkpoint.Unusable as e:
        set_aside(attempt.folder / record.CHECKPOINT, str(e))
    run(config, attempt, show)


def facts(data: Any, parts: Any) -> dict[str, Any]:
    """What the record says of the data: names of the classes, null without any, and sizes of the parts."""
    names = getattr(data, "names", None)
    sizes = {name: len(getattr(parts, name)) for name in ("train", "val", "test")}
    return {"classes": list(names) if names else None} | sizes


def speed(history: list[dict[str, float]]) -> dict[str, float]:
    """Seconds of training in all, and images/s; the first epoch warms up and is left out if it can be."""
    steady = history[1:] or history
    rate = len(steady) / sum(1 / row["images_per_s"] for row in steady)
    return {"train_s": sum(row["epoch_s"] for row in history), "images_per_s": rate}
