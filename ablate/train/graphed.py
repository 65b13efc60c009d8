"""The gradient of a batch as a CUDA graph: the same kernels, started by one call instead of hundreds.

A small model keeps a GPU busy for less time than its kernels take to start (https://docs.pytorch.org/docs/stable/
notes/cuda.html#cuda-graphs).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from ablate.train import gradient as plainly
from ablate.train.gradient import Gradient, How

WARM = 3  # times that a batch goes through before its kernels are recorded: libraries set themselves up


class Graphed:
    """A gradient that records itself at the first whole batch, and stays as it was where that cannot be.

    Batches of another size, such as the last of an epoch, are not recorded. The loss and the number of right ones
    that it returns live until the next call.
    """

    def __init__(self, batch: int, say: Callable[[str], None], gradient: Gradient = plainly.gradient) -> None:
        self.batch, self.say, self.gradient = batch, say, gradient
        self.graph: torch.cuda.CUDAGraph | None = None
        self.is_usable = True

    def __call__(self, model: nn.Module, images: Tensor, labels: Tensor, how: How) -> tuple[Tensor, Tensor]:
        if not self.is_usable or len(images) != self.batch:
            return self.gradient(model, images, labels, how)
        if self.graph is None:
            try:
                self.graph = self.recorded(model, images, labels, how)
            except torch.cuda.OutOfMemoryError:
                raise
            except Exception as e:  # a part that waits for the GPU, as .item() does
                self.is_usable = False
                self.say(f"no CUDA graph, trains all the same: {(str(first(e)).splitlines() or [''])[0]}")
                return self.gradient(model, images, labels, how)
        self.images.copy_(images)
        self.labels.copy_(labels)
        self.graph.replay()
        for parameter, found in zip(model.parameters(), self.found, strict=True):
            parameter.grad = found
        return self.loss, self.hits

    def recorded(self, model: nn.Module, images: Tensor, labels: Tensor, how: How) -> torch.cuda.CUDAGraph:
        """A graph that reads `self.images` and `self.labels` and writes the rest."""
        self.images, self.labels = images.clone(), labels.clone()
        graph, stream = torch.cuda.CUDAGraph(), torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with unchanged(model, images.device):
            with torch.cuda.stream(stream):
                for _ in range(WARM):
                    self.gradient(model, self.images, self.labels, how)
            with torch.cuda.graph(graph, stream=stream, capture_error_mode="thread_local"):
                self.loss, self.hits = self.gradient(model, self.images, self.labels, how)
        self.found = [parameter.grad for parameter in model.parameters()]
        return graph


def first(error: BaseException) -> BaseException:
    """What went wrong first: the end of a broken recording raises an error of its own."""
    while error.__context__ is not None:
        error = error.__context__
    return error


@contextmanager
def unchanged(model: nn.Module, device: torch.device) -> Iterator[None]:
    """The model's running statistics and the random states are afterwards what they were."""
    generator = torch.cuda.default_generators[device.index or 0]
    cpu, cuda = torch.get_rng_state(), torch.cuda.get_rng_state(device)
    before = [buffer.clone() for buffer in model.buffers()]
    try:
        yield
    except Exception:  # the generator would believe for ever that it is recorded
        generator.graphsafe_set_state(torch.Generator(device))
        raise
    finally:
        torch.cuda.synchronize(device)
        for buffer, value in zip(model.buffers(), before, strict=True):
            buffer.copy_(value)
        torch.set_rng_state(cpu)
        torch.cuda.set_rng_state(cuda, device)
