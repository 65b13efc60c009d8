"""The training loop: tensors and plain numbers in, metrics out. Knows no config, no tracker, no disk."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from ablate.data import stream
from ablate.train import frozen
from ablate.train.average import Average
from ablate.train.evaluate import not_finite
from ablate.train.gradient import Gradient, How, gradient

# Losses are looked at every so many steps: each look waits for the device.
LOOK = 25
# What a training in the middle of an epoch holds besides weights and generators.
COUNTS, TENSORS = ("epoch", "done", "seconds", "lr"), ("shuffled", "losses", "right")


Mix = Callable[[Tensor, Tensor, Generator], tuple[Tensor, Tensor]]


class Fit:
    """A training in progress; each call of `train_epoch` is one pass over the training images.

    `inputs` maps stored pixels to what the model sees, `schedule` a step to the factor on the learning
    rate. `watch` is shown (step, loss) now and then; `pause` is called after every step and may raise, to
    go on later: `state` and `restore` carry everything that the next step depends on. `accumulate` parts of
    a batch go through the model one after the other, for devices too small for a whole one. `gradient` is the
    function of that name, or the same compiled. `mix`, of an augmentation that has one, is given images,
    probabilities of the `classes` (B, classes) and a generator. With `ema` the weights that are judged are an
    average over the steps, of which each keeps that share.
    """

    def __init__(
        self,
        *,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        schedule: Callable[[int, int], float],
        inputs: Callable[..., Tensor],
        x: Tensor,
        y: Tensor,
        epochs: int,
        batch: int,
        order: Generator,
        augmentation: Generator,
        precision: str,
        clip: float,
        label_smoothing: float,
        accumulate: int,
        watch: Callable[[int, float], None],
        pause: Callable[[], None],
        gradient: Gradient = gradient,
        mix: Mix | None = None,
        classes: int = 0,
        ema: float = 0.0,
    ) -> None:
        self.gradient, self.how = gradient, How(precision, label_smoothing, clip, accumulate)
        self.mix, self.classes = mix, classes
        self.average = Average(model, ema) if ema else None
        self.model, self.optimizer, self.inputs = model, optimizer, inputs
        self.x, self.y, self.batch = x, y, batch
        self.order, self.augmentation = order, augmentation
        self.watch, self.pause = watch, pause
        self.steps_an_epoch = -(-len(x) // batch)
        self.epoch, self.epochs, self.done = 0, epochs, 0  # `done` steps of the epoch at work
        self.seconds, self.lr = 0.0, 0.0
        self.shuffled = torch.empty(0, dtype=torch.long)
        self.losses = torch.zeros(self.steps_an_epoch, device=x.device)
        self.right = torch.zeros((), dtype=torch.long, device=x.device)
        self.row: dict[str, float] = {}  # what the latest whole epoch came to
        steps = epochs * self.steps_an_epoch
        self.rate = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: schedule(step, steps))

    def train_epoch(self) -> dict[str, float]:
        """One epoch, or the rest of one -> mean loss and accuracy under augmentation, learning rate, speed."""
        self.model.train()
        frozen.rest(self.model)
        began = time.perf_counter() - self.seconds
        for images, labels in self.batches():
            self.losses[self.done], hits = self.step(images, labels)
            self.right += hits
            self.done += 1
            self.seconds = time.perf_counter() - began
            if self.done % LOOK == 0:
                self.look()
            self.pause()
        self.look()
        seconds = time.perf_counter() - began
        sizes = torch.tensor([len(part) for part in self.shuffled.split(self.batch)])
        self.row = {
            "train_loss": float(self.losses.cpu().double() @ sizes.double()) / len(self.x),
            "train_acc": self.right.item() / len(self.x),
            "lr": self.lr,
            "epoch_s": seconds,
            "images_per_s": len(self.x) / seconds,
        }
        self.epoch, self.done, self.seconds = self.epoch + 1, 0, 0.0
        return self.row

    def batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Every training image once, in this epoch's order, less the steps that are done."""
        if not self.done:
            self.shuffled = torch.randperm(len(self.x), generator=self.order)
            self.losses.zero_()
            self.right.zero_()
        indices = self.shuffled.to(self.x.device).split(self.batch)[self.done :]
        for index, images in zip(indices, stream.batches(self.x, indices), strict=True):
            x, y = self.inputs(images, self.augmentation), self.y[index]
            if self.mix is not None:
                x, y = self.mix(x, F.one_hot(y, self.classes).float(), self.augmentation)
            yield x, y

    def step(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """One update -> (loss, how many were right)."""
        loss, hits = self.gradient(self.model, images, labels, self.how)
        self.optimizer.step()
        self.lr = self.optimizer.param_groups[0]["lr"]  # of the last step taken; the next line is ahead of it
        self.rate.step()
        if self.average is not None:
            self.average.add(self.model, self.steps)
        return loss, hits

    def look(self) -> None:
        """Raises FloatingPointError at the first loss that is not finite; shows the latest one otherwise."""
        seen = self.losses[: self.done].cpu()
        bad = (~seen.isfinite()).nonzero()
        if len(bad):
            first = int(bad[0])
            at = self.epoch * self.steps_an_epoch + first + 1
            raise not_finite(f"the loss is {seen[first].item()} at step {at}")
        self.watch(self.done, seen[-1].item())

    @property
    def judged(self) -> nn.Module:
        """The model that is validated, tested and kept."""
        return self.model if self.average is None else self.average.model

    @property
    def steps(self) -> int:
        """How many steps are done."""
        return self.epoch * self.steps_an_epoch + self.done

    def state(self) -> dict[str, Any]:
        """Tensors and plain numbers, for torch.save; between two steps, or after an epoch."""
        return {
            "counts": {name: getattr(self, name) for name in COUNTS},
            "tensors": {name: getattr(self, name).cpu() for name in TENSORS},
            "row": self.row,
            "model": self.model.state_dict(),
            "average": None if self.average is None else self.average.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "rate": {k: v for k, v in self.rate.state_dict().items() if k != "lr_lambdas"},
            "order": self.order.get_state(),
            "augmentation": self.augmentation.get_state(),
            "torch": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state(self.x.device) if self.x.is_cuda else None,
        }

    def restore(self, state: dict[str, Any]) -> None:
        for name in COUNTS:
            setattr(self, name, state["counts"][name])
        for name in TENSORS:
            setattr(self, name, state["tensors"][name].to(getattr(self, name).device))
        self.row = state["row"]
        self.model.load_state_dict(state["model"])
        if self.average is not None:
            self.average.model.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.rate.load_state_dict({**state["rate"], "lr_lambdas": [None]})
        self.order.set_state(state["order"])
        self.augmentation.set_state(state["augmentation"])
        torch.set_rng_state(state["torch"])
        if state["cuda"] is not None:
            torch.cuda.set_rng_state(state["cuda"], self.x.device)
