"""Compiled steps: when they are taken, that only the speed changes, and that what cannot be compiled trains."""

import shutil

import pytest
import torch
from torch import nn

from ablate.train import compiled, fit

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


def test_what_cannot_be_compiled_trains_all_the_same(monkeypatch):
    monkeypatch.setattr(compiled, "compiled", lambda plain: Refuses())
    said: list[str] = []
    way = compiled.Compiled(fit.forward, 4, said.append)
    model, x, y = (
        nn.Sequential(nn.Flatten(), nn.Dropout(), nn.Linear(4, 3)),
        torch.rand(4, 1, 2, 2),
        torch.ones(4).long(),
    )
    torch.manual_seed(5)
    loss, _ = way(model, x, y, "fp32", 0.0)
    torch.manual_seed(5)
    assert torch.equal(loss, fit.forward(model, x, y, "fp32", 0.0)[0]), "the failed try drew no random number"
    assert said == ["not compiled, trains all the same: LookupError: cannot read this"]
    assert compiled.name(way) == "off"


@pytest.mark.slow
def test_a_compiled_step_is_the_plain_one(tmp_path):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.GELU(), nn.Linear(8, 3))
    x, y = torch.rand(8, 1, 4, 4), torch.randint(3, (8,))
    way = compiled.Compiled(fit.forward, 8, pytest.fail)
    loss, right = way(model, x, y, "fp32", 0.1)
    loss.backward()
    gradients = [p.grad.clone() for p in model.parameters()]
    model.zero_grad()
    plain, also_right = fit.forward(model, x, y, "fp32", 0.1)
    plain.backward()
    assert compiled.name(way) == "inductor"
    assert torch.allclose(loss, plain, atol=1e-6)
    assert right == also_right
    assert all(torch.allclose(a, p.grad, atol=1e-6) for a, p in zip(gradients, model.parameters(), strict=True))
