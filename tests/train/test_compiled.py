"""Compiled steps: when they are taken, that only the speed changes, and that what cannot be compiled trains."""

import shutil

import pytest
import torch
from torch import nn

from ablate.train import compiled, gradient
from ablate.train.gradient import How

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("wanted", "flops", "taken"),
    [
        ("on", 1.0, True),
        ("off", 1e18, False),
        ("auto", 1e18, True),
        ("auto", 1e9, False),
        ("auto", None, False),
    ],
)
def test_auto_compiles_long_trainings_only(monkeypatch, wanted, flops, taken):
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/c++")
    assert compiled.pays(wanted, CPU, flops) is taken


def test_auto_compiles_nothing_without_a_compiler(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert not compiled.pays("auto", CPU, 1e18)


class Refuses:
    """Stands where torch.compile's function would, and cannot read the model."""

    def __call__(self, *_: object) -> tuple[torch.Tensor, torch.Tensor]:
        torch.rand(3)
        raise LookupError("cannot read this\nand more")


def gradients(model: nn.Module) -> list[torch.Tensor]:
    return [p.grad.clone() for p in model.parameters()]


def test_what_cannot_be_compiled_trains_all_the_same(monkeypatch):
    monkeypatch.setattr(compiled, "compiled", lambda: Refuses())
    said: list[str] = []
    way, how = compiled.Compiled(4, said.append), How("fp32", 0.0, 1.0)
    model, x, y = (
        nn.Sequential(nn.Flatten(), nn.Dropout(), nn.Linear(4, 3)),
        torch.rand(4, 1, 2, 2),
        torch.ones(4).long(),
    )
    torch.manual_seed(5)
    loss, _ = way(model, x, y, how)
    first = gradients(model)
    torch.manual_seed(5)
    assert torch.equal(loss, gradient.gradient(model, x, y, how)[0]), "the failed try drew no random number"
    assert all(map(torch.equal, first, gradients(model)))
    assert said == ["not compiled, trains all the same: LookupError: cannot read this"]
    assert compiled.versions(way) == {"compile": "off"}


@pytest.mark.parametrize("clip", [0.0, 0.01])
def test_the_piece_is_the_plain_gradient(monkeypatch, clip):
    """Before the compiler has it, on weights of which some are not trained."""
    monkeypatch.setattr(compiled, "compiled", lambda: compiled.whole)
    check(clip, "off the compiler")


@pytest.mark.slow
@pytest.mark.parametrize("clip", [0.0, 0.01])
def test_a_compiled_gradient_is_the_plain_one(clip):
    check(clip, "inductor")


def check(clip: float, name: str) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.GELU(), nn.Linear(8, 3))
    model[1].bias.requires_grad_(False)
    x, y = torch.rand(8, 1, 4, 4), torch.randint(3, (8,))
    way, how = compiled.Compiled(8, pytest.fail), How("fp32", 0.1, clip)
    loss, right = way(model, x, y, how)
    assert (way.is_proven, compiled.versions(way)) == (True, {"compile": "inductor"})
    found = {name: p.grad for name, p in model.named_parameters()}
    plain, also_right = gradient.gradient(model, x, y, how)
    assert torch.allclose(loss, plain, atol=1e-6), name
    assert right == also_right
    assert found["1.bias"] is None
    for part, p in model.named_parameters():
        if p.grad is not None:
            assert torch.allclose(found[part], p.grad, atol=1e-6), (name, part)
