"""The training loop on plain tensors."""

import signal
from collections.abc import Callable

import pytest
import torch
from torch import nn

from ablate.axes.aug import Affine, Nothing, Shift
from ablate.axes.optim import SGD, AdamW
from ablate.axes.sched import Constant, Cosine
from ablate.records.stop import Stopped
from ablate.train import device, weights
from ablate.train.evaluate import evaluate
from ablate.train.fit import Fit
from ablate.train.inputs import Inputs, on_cpu


def inputs(**changes) -> Inputs:
    plain = {"image": (1, 4, 4), "mean": 0.0, "std": 1.0, "color": nn.Identity(), "channels": 1}
    return Inputs(**(plain | {"size": None, "fit": "pad", "augment": Nothing()} | changes))


def training(
    *,
    lr: float = 1e-2,
    epochs: int = 2,
    seed: int = 0,
    accumulate: int = 1,
    pause: Callable[[], None] = lambda: None,
) -> Fit:
    g = torch.Generator().manual_seed(5)
    x = torch.randint(0, 256, (40, 1, 4, 4), dtype=torch.uint8, generator=g)
    y = (x.float().mean((1, 2, 3)) > 127).long()
    model = weights.by_name(
        lambda: nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.GELU(), nn.Linear(8, 2)), seed
    )
    return Fit(
        model=model,
        optimizer=AdamW(model, lr=lr, weight_decay=0.1, betas=[0.9, 0.98]),
        schedule=Cosine(warmup=0.1),
        inputs=inputs(augment=Shift(pixels=1)),
        x=x,
        y=y,
        epochs=epochs,
        batch=16,
        order=on_cpu(seed, "order"),
        augmentation=on_cpu(seed, "augmentation"),
        precision="fp32",
        clip=1.0,
        label_smoothing=0.0,
        accumulate=accumulate,
        watch=lambda step, loss: None,
        pause=pause,
    )


def parameters(fit: Fit) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in fit.model.parameters()])


def test_every_image_is_seen_once_an_epoch_in_an_order_of_the_seed():
    fit = training()
    fit.inputs = lambda images, generator: images  # as stored, to tell them apart
    first = torch.cat([images for images, _ in fit.batches()])
    second = torch.cat([images for images, _ in fit.batches()])
    rows = {tuple(image.flatten().tolist()) for image in fit.x}
    assert {tuple(image.flatten().tolist()) for image in first} == rows
    assert not torch.equal(first, second)
    again = training()
    again.inputs = fit.inputs
    assert torch.equal(first, torch.cat([images for images, _ in again.batches()]))


def test_a_training_restored_from_its_state_goes_on_bit_for_bit():
    whole, head, tail = training(epochs=3), training(epochs=3), training(epochs=3, seed=1)
    rows = [whole.train_epoch() for _ in range(3)]
    head.train_epoch()
    tail.restore(head.state())
    resumed = [tail.train_epoch() for _ in range(2)]
    assert torch.equal(parameters(whole), parameters(tail))
    assert [r["train_loss"] for r in rows[1:]] == [r["train_loss"] for r in resumed]
    assert [r["lr"] for r in rows[1:]] == [r["lr"] for r in resumed]


@pytest.mark.parametrize("steps", [1, 3, 4, 6])
def test_a_training_stopped_between_two_steps_goes_on_bit_for_bit(steps, tmp_path):
    def stop():
        if fit.epoch * fit.steps_an_epoch + fit.done == steps:
            raise Stopped(signal.SIGTERM)

    whole, fit = training(epochs=3), training(epochs=3, pause=stop)
    rows = [whole.train_epoch() for _ in range(3)]
    with pytest.raises(Stopped):
        [fit.train_epoch() for _ in range(3)]
    torch.save(fit.state(), tmp_path / "state")
    resumed = training(epochs=3, seed=1)
    resumed.restore(torch.load(tmp_path / "state", weights_only=True))
    again = [resumed.train_epoch() for _ in range(3 - resumed.epoch)]
    assert torch.equal(parameters(whole), parameters(resumed))
    exact = ("train_loss", "train_acc", "lr")
    assert [[row[k] for k in exact] for row in again] == [[row[k] for k in exact] for row in rows[-len(again) :]]


def test_a_batch_in_parts_makes_the_same_step():
    whole, parts = training(), training(accumulate=3)  # 16 images in parts of 6, 6 and 4
    rows = [fit.train_epoch() for fit in (whole, parts)]
    assert torch.allclose(parameters(whole), parameters(parts), atol=1e-5)
    assert rows[0]["train_loss"] == pytest.approx(rows[1]["train_loss"], rel=1e-5)
    assert rows[0]["train_acc"] == rows[1]["train_acc"]


def test_the_mean_loss_weighs_the_short_last_batch_by_its_size():
    fit = training(lr=0.0, epochs=1)
    fit.inputs = lambda images, generator=None: images.float() / 255
    row = fit.train_epoch()
    whole, _ = evaluate(fit.model, fit.inputs, fit.x, fit.y, precision="fp32", where="training")
    assert row["train_loss"] == pytest.approx(whole["loss"], rel=1e-5)
    assert row["train_acc"] == whole["acc"]


def test_a_loss_that_is_not_finite_names_the_step():
    fit = training()
    fit.train_epoch()
    with torch.no_grad():
        fit.model[1].weight[0, 0] = float("nan")
    with pytest.raises(FloatingPointError, match=r"^the loss is nan at step 4; try a smaller optim.lr$"):
        fit.train_epoch()


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_in_evaluation_says_where(number):
    fit = training()
    with torch.no_grad():
        fit.model[-1].bias[0] = number
    with pytest.raises(
        FloatingPointError, match=r"^the loss is (nan|inf) in validation after step 0; try a smaller "
    ):
        evaluate(fit.model, fit.inputs, fit.x, fit.y, precision="fp32", where=f"validation after step {fit.steps}")


def test_can_overfit_one_batch():
    fit = training(lr=0.05, epochs=200)
    fit.inputs = lambda images, generator=None: images.float() / 255
    rows = [fit.train_epoch() for _ in range(200)]
    assert rows[-1]["train_acc"] == 1.0


def test_weights_in_common_start_equal_and_others_do_not_move_them():
    def with_extra(extra: bool) -> nn.Module:
        model = nn.Module()
        if extra:
            model.table = nn.Parameter(torch.empty(7))
            nn.init.trunc_normal_(model.table)
        model.body = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
        nn.init.xavier_uniform_(model.body[1].weight)
        return model

    one, two = weights.by_name(lambda: with_extra(False), 3), weights.by_name(lambda: with_extra(True), 3)
    assert all(torch.equal(p, dict(two.named_parameters())[name]) for name, p in one.named_parameters())
    assert not torch.equal(one.body[0].weight, one.body[1].weight), "each parameter has a stream of its own"
    other = weights.by_name(lambda: with_extra(False), 4)
    assert not torch.equal(one.body[0].weight, other.body[0].weight), "another seed, other weights"


def test_drawing_weights_leaves_the_global_generator_alone():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    weights.by_name(lambda: nn.Linear(3, 3), 0)
    assert torch.equal(before, torch.get_rng_state())


def test_only_matrices_decay():
    model = nn.ModuleDict({"linear": nn.Linear(3, 3), "conv": nn.Conv2d(1, 2, 3), "norm": nn.LayerNorm(3)})
    model.table = nn.Parameter(torch.zeros(5, 3))
    model.token = nn.Parameter(torch.zeros(3))
    for optimizer in (
        AdamW(model, lr=1.0, weight_decay=0.5, betas=[0.9, 0.99]),
        SGD(model, lr=1.0, weight_decay=0.5, momentum=0.9),
    ):
        decayed, free = optimizer.param_groups
        assert {id(p) for p in decayed["params"]} == {id(model["linear"].weight), id(model["conv"].weight)}
        assert (decayed["weight_decay"], free["weight_decay"]) == (0.5, 0.0)
        assert len(free["params"]) == 6


def test_schedules_warm_up_and_end_where_they_should():
    cosine, constant = Cosine(warmup=0.1), Constant(warmup=0.1)
    factors = [cosine(step, 100) for step in range(100)]
    assert factors[:10] == sorted(factors[:10])
    assert factors[10] == max(factors) == 1.0
    assert factors[10:] == sorted(factors[10:], reverse=True)
    assert 0 < factors[-1] < 0.001
    assert factors[55] == pytest.approx(0.5)
    assert [constant(step, 100) for step in (10, 99)] == [1.0, 1.0]
    assert Cosine(warmup=0.0)(0, 10) == 1.0


@pytest.mark.parametrize("pixels", [0, 2])
def test_shift_moves_each_image_whole(pixels):
    x = torch.zeros(64, 1, 9, 9)
    x[:, :, 4, 4] = 1
    moved = Shift(pixels=pixels)(x, torch.Generator().manual_seed(0))
    at = moved[:, 0].flatten(1).argmax(1)
    assert torch.equal(moved.sum((1, 2, 3)), torch.ones(64)), "the dot is still one dot"
    rows, columns = at // 9 - 4, at % 9 - 4
    assert set(rows.tolist()) == set(columns.tolist()) == set(range(-pixels, pixels + 1))


def test_affine_of_nothing_is_the_identity_and_a_turn_keeps_the_centre():
    x = torch.rand(8, 1, 9, 9)
    g = torch.Generator().manual_seed(0)
    same = Affine(degrees=0.0, pixels=0.0, scale=0.0)(x, g)
    assert torch.allclose(same, x, atol=1e-5)
    turned = Affine(degrees=45.0, pixels=0.0, scale=0.0)(x, g)
    assert torch.allclose(turned[:, :, 4, 4], x[:, :, 4, 4], atol=1e-5)
    assert not torch.allclose(turned, x, atol=0.1)


def test_images_are_padded_or_resized_and_normalised():
    x = torch.full((2, 1, 4, 4), 255, dtype=torch.uint8)
    padded = inputs(size=8, mean=0.5, std=0.25)
    assert padded.shape == (1, 8, 8)
    assert torch.equal(padded(x)[0, 0, 2:6, 2:6], torch.full((4, 4), 2.0))
    assert torch.equal(padded(x)[0, 0, 0], torch.full((8,), -2.0))
    assert torch.allclose(inputs(size=8, fit="resize")(x), torch.ones(2, 1, 8, 8))


def test_precision_looks_at_the_device(monkeypatch):
    cpu = torch.device("cpu")
    monkeypatch.setattr(device, "cpu_features", lambda: {"avx512_bf16"})
    assert device.precision("auto", cpu) == "bf16"
    monkeypatch.setattr(device, "cpu_features", set)
    assert device.precision("auto", cpu) == "fp32"
    assert device.precision("bf16", cpu) == "bf16"
    assert device.precision("auto", torch.device("mps")) == "fp32"


def test_a_device_that_is_not_here(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match=r"^device=cuda: this machine has none that torch can use; .*cpu works$"):
        device.pick("cuda")
