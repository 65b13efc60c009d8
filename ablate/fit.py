"""The training loop: tensors and plain numbers in, metrics out. Knows no config, no tracker, no disk."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn
from torch.nn.utils import clip_grad_norm_

# Losses are looked at every so many steps: each look waits for the device.
LOOK = 25


class Fit:
    """A training in progress; each call of `train_epoch` is one pass over the training images.

    `inputs` maps stored pixels to what the model sees, `schedule` a step to the factor on the learning
    rate. `state` and `restore` carry everything that the next epoch depends on.
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
        watch: Callable[[int, float], None],
    ) -> None:
        self.model, self.optimizer, self.inputs = model, optimizer, inputs
        self.x, self.y, self.batch = x, y, batch
        self.order, self.augmentation = order, augmentation
        self.precision, self.clip, self.label_smoothing, self.watch = precision, clip, label_smoothing, watch
        self.epoch, self.epochs = 0, epochs
        self.lr = 0.0
        self.steps_an_epoch = -(-len(x) // batch)
        steps = epochs * self.steps_an_epoch
        self.rate = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: schedule(step, steps))

    def train_epoch(self) -> dict[str, float]:
        """One epoch; returns its mean loss and accuracy under augmentation, learning rate and speed."""
        self.model.train()
        began = time.perf_counter()
        losses = torch.zeros(self.steps_an_epoch, device=self.x.device)
        right = torch.zeros((), dtype=torch.long, device=self.x.device)
        sizes = []
        for step, (images, labels) in enumerate(self.batches()):
            losses[step], hits = self.step(images, labels)
            right += hits
            sizes.append(len(labels))
            if step % LOOK == LOOK - 1:
                self.look(losses, step)
        self.look(losses, len(sizes) - 1)
        self.epoch += 1
        seconds = time.perf_counter() - began
        return {
            "train_loss": float(losses.cpu().double() @ torch.tensor(sizes).double()) / len(self.x),
            "train_acc": right.item() / len(self.x),
            "lr": self.lr,
            "epoch_s": seconds,
            "images_per_s": len(self.x) / seconds,
        }

    def batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Every training image once, in this epoch's order."""
        shuffled = torch.randperm(len(self.x), generator=self.order).to(self.x.device)
        for index in shuffled.split(self.batch):
            yield self.inputs(self.x[index], self.augmentation), self.y[index]

    def step(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """One update -> (loss, how many were right)."""
        with autocast(images.device, self.precision):
            logits = self.model(images).float()  # (B, classes)
        loss = F.cross_entropy(logits, labels, label_smoothing=self.label_smoothing)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if self.clip:
            clip_grad_norm_(self.model.parameters(), self.clip)
        self.optimizer.step()
        self.lr = self.optimizer.param_groups[0]["lr"]  # of the last step taken; the next line is ahead of it
        self.rate.step()
        return loss.detach(), (logits.argmax(-1) == labels).sum()

    def look(self, losses: Tensor, step: int) -> None:
        """Raises FloatingPointError at the first loss that is not finite; shows the latest one otherwise."""
        seen = losses[: step + 1].cpu()
        bad = (~seen.isfinite()).nonzero()
        if len(bad):
            first = int(bad[0])
            at = self.epoch * self.steps_an_epoch + first + 1
            raise FloatingPointError(f"the loss is {seen[first].item()} at step {at}; try a smaller optim.lr")
        self.watch(step + 1, seen[-1].item())

    def state(self) -> dict[str, Any]:
        return {
            "epoch": self.epoch,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "rate": {k: v for k, v in self.rate.state_dict().items() if k != "lr_lambdas"},
            "order": self.order.get_state(),
            "augmentation": self.augmentation.get_state(),
            "torch": torch.get_rng_state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.epoch = state["epoch"]
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.rate.load_state_dict({**state["rate"], "lr_lambdas": [None]})
        self.order.set_state(state["order"])
        self.augmentation.set_state(state["augmentation"])
        torch.set_rng_state(state["torch"])


@torch.no_grad()
def evaluate(
    model: nn.Module,
    inputs: Callable[..., Tensor],
    x: Tensor,
    y: Tensor,
    *,
    precision: str,
    batch: int = 1000,
) -> tuple[dict[str, float], Tensor]:
    """Accuracy (0..1) and mean cross-entropy without smoothing, and the predicted labels (n,)."""
    model.eval()
    logits = []
    for part in x.split(batch):
        with autocast(x.device, precision):
            logits.append(model(inputs(part)).float())
    scores = torch.cat(logits)  # (n, classes)
    predicted = scores.argmax(-1)
    accuracy = (predicted == y).double().mean().item()
    return {"acc": accuracy, "loss": F.cross_entropy(scores, y).item()}, predicted


def autocast(device: torch.device, precision: str) -> torch.autocast:
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bf16")
