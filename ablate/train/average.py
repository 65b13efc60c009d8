"""A running average of a model's weights, which is often better than the weights of the last step."""

import copy

import torch
from torch import nn


class Average:
    """Exponential moving average (Polyak and Juditsky 1992): each step keeps `share` of what was there.

    Early on it keeps less, so that the first weights are soon forgotten. What is no weight (the averages of batch
    norm) is taken as it is.
    """

    def __init__(self, model: nn.Module, share: float) -> None:
        self.share = share
        self.model = copy.deepcopy(model).requires_grad_(False)

    @torch.no_grad()
    def add(self, model: nn.Module, step: int) -> None:
        """The weights after a step, which is counted from 0."""
        share = min(self.share, (1 + step) / (10 + step))
        for kept, new in zip(self.model.parameters(), model.parameters(), strict=True):
            kept.lerp_(new, 1 - share)
        for held, seen in zip(self.model.buffers(), model.buffers(), strict=True):
            held.copy_(seen)
