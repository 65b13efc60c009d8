"""One training of timm's VisionTransformer on MNIST, as many would write it: what scripts/bench.py compares with.

python scripts/bench/plain_timm.py --pos learned --pool mean --seed 0 --epochs 2
"""

import argparse

import timm.layers
import torch
import torch.nn.functional as F
from timm.models.vision_transformer import VisionTransformer
from torchvision import datasets

from ablate.data.fetch import folder


class Digits(datasets.MNIST):
    """torchvision's, where our files lie."""

    raw_folder = property(lambda self: str(folder(None, "mnist")))


def tensors(train: bool) -> tuple[torch.Tensor, torch.Tensor]:
    digits = Digits(str(folder(None, "mnist")), train=train)
    return (digits.data[:, None].float() / 255 - 0.1307) / 0.3081, digits.targets


def network(pos: str, pool: str, patch: int, depth: int) -> VisionTransformer:
    model = VisionTransformer(
        img_size=28, patch_size=patch, in_chans=1, num_classes=10, embed_dim=64, depth=depth, num_heads=4,
        class_token=pool == "cls", global_pool="token" if pool == "cls" else "avg", fc_norm=False,
        pos_embed="none" if pos == "none" else "learn",
    )  # fmt: skip
    if pos == "sinusoidal" and model.pos_embed is not None:
        grid = timm.layers.build_sincos2d_pos_embed([28 // patch] * 2, dim=64)
        first = model.pos_embed.shape[1] - len(grid)
        model.pos_embed.data[0, first:] = grid
        model.pos_embed.requires_grad_(False)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pos", default="learned")
    parser.add_argument("--pool", default="mean")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--patch", type=int, default=7)
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    (x, y), (test_x, test_y) = tensors(True), tensors(False)
    model = network(given.pos, given.pool, given.patch, depth=2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.05)
    steps = given.epochs * -(-len(x) // 64)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    for _ in range(given.epochs):
        model.train()
        for index in torch.randperm(len(x)).split(64):
            loss = F.cross_entropy(model(x[index]), y[index])
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            schedule.step()
    model.eval()
    with torch.no_grad():
        right = sum(
            (model(a).argmax(-1) == b).sum().item()
            for a, b in zip(test_x.split(1000), test_y.split(1000), strict=True)
        )
    print(f"{given.pos} {given.pool} {given.seed}: {right / len(test_y):.2%}")


if __name__ == "__main__":
    main()
