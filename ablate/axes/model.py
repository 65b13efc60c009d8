"""Models that are not ours, built for the data's channels, size and classes: timm's classifiers, untrained."""

import difflib
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

Factory = Callable[..., Any]  # of a module
# Our classes as choices and arguments of timm's VisionTransformer; a patch's size comes on top.
ARMS: dict[str, tuple[str, dict[str, Any]]] = {
    "ablate.axes.patch.Patch": ("a number", {}),
    "ablate.axes.pos.NoPos": ("none", {"pos_embed": "none"}),
    "ablate.axes.pos.Learned": ("learned", {"pos_embed": "learn"}),
    "ablate.axes.pool.Cls": ("cls", {"class_token": True, "global_pool": "token"}),
    "ablate.axes.pool.Mean": ("mean", {"class_token": False, "global_pool": "avg"}),
    "ablate.axes.pool.Max": ("max", {"class_token": False, "global_pool": "max"}),
    "ablate.axes.pool.Map": ("map", {"class_token": False, "global_pool": "map"}),
}
VIT_MODULES = ("timm.models.vision_transformer", "timm.models.deit")
# Sides to propose in place of one that a model cannot take: multiples of 32 and of 14, and usual ones of timm.
SIDES = (32, 56, 64, 96, 112, 128, 160, 192, 224, 256, 299, 384)


class Timm(nn.Module):
    """The classifier of timm called `name`, (B, C, Y, X) -> (B, classes).

    `patch`, `pos` and `pool` are factories of our choices, or None. timm's VisionTransformers get the same patch
    size, positions and pooling; other models have no such arms, and `unread` names the axes they leave out.
    `options` are arguments of that model in timm. `tokens` is the number that the blocks see, None for other
    models. Weights are random here; `init=timm` brings others. Raises ValueError for an unknown name, an arm that
    timm does not have, an image that the model cannot take.
    """

    def __init__(
        self,
        *,
        image: tuple[int, int, int],
        classes: int,
        name: str,
        patch: Factory | None,
        pos: Factory | None,
        pool: Factory | None,
        drop_path: float = 0.0,
        recompute: bool = False,
        options: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        given = {axis: part for axis, part in (("patch", patch), ("pos", pos), ("pool", pool)) if part}
        is_vit = is_plain_vit(name)
        self.name = name
        self.unread = () if is_vit else tuple(given)
        arms = vit_arms(name, image, given) if is_vit else {}
        arms |= (options or {}) | ({"drop_path_rate": drop_path} if drop_path else {})
        try:
            self.net = create(name, image, classes, arms)
            if recompute:
                self.net.set_grad_checkpointing(True)
            check_takes(self.net, image)
        except Exception as e:  # timm's models refuse an image in many ways
            raise ValueError(refusal(name, image, arms, e)) from e
        self.tokens = self.net.patch_embed.num_patches + self.net.num_prefix_tokens if is_vit else None

    def forward(self, image: Tensor) -> Tensor:
        return self.net(image)


def is_plain_vit(name: str) -> bool:
    """Whether `name` is a VisionTransformer of timm on square patches, one class token at most."""
    import timm  # takes 2 s, and only these models need it

    if not timm.is_model(name):
        close = difflib.get_close_matches(name, timm.list_models(), 3)
        maybe = f"did you mean {' or '.join(close)}?" if close else "timm.list_models() has the names"
        raise ValueError(f"model.name={name}: timm has no such model; {maybe}")
    return timm.models.model_entrypoint(name).__module__ in VIT_MODULES and "distilled" not in name


def vit_arms(name: str, image: tuple[int, int, int], given: dict[str, Factory]) -> dict[str, Any]:
    """Our choices as arguments of timm's VisionTransformer."""
    arms: dict[str, Any] = {}
    for axis, part in given.items():
        made = getattr(part, "func", part)
        ours = f"{made.__module__}.{made.__qualname__}"
        if ours not in ARMS:
            words = ", ".join(word for path, (word, _) in ARMS.items() if f".{axis}." in path)
            has = f"{words} do" if "," in words else f"{words} does"
            raise ValueError(f"{axis}={made.__name__.lower()}: timm's {name} has no such arm; {has}")
        arms |= ARMS[ours][1]
    if "patch" in given:
        with torch.device("meta"):
            arms["patch_size"] = given["patch"](image=image, dim=1).size  # raises if they do not tile the image
    return arms


def create(name: str, image: tuple[int, int, int], classes: int, arms: dict[str, Any]) -> Any:
    """timm's model. Only models that are built for one image size are given the size."""
    import timm

    config = timm.get_pretrained_cfg(name)
    needs_size = config is not None and config.fixed_input_size
    size = {"img_size": image[1:]} if needs_size else {}
    asked: dict[str, Any] = {"in_chans": image[0], "num_classes": classes} | size | arms
    return timm.create_model(name, pretrained=False, **asked)


def check_takes(net: nn.Module, image: tuple[int, int, int]) -> None:
    """Raises whatever the model raises on two such images; nothing is computed."""
    from timm.layers import to_2tuple

    down, across = to_2tuple(getattr(getattr(net, "patch_embed", None), "patch_size", 1))
    if image[1] % down or image[2] % across:  # timm would ignore the rest of the image
        raise ValueError(f"its patches of {down}x{across} pixels do not tile them")
    state = {**dict(net.named_parameters()), **dict(net.named_buffers())}
    shapes = {key: tensor.to("meta") for key, tensor in state.items()}
    was_training = net.training
    with torch.no_grad():
        functional_call(net.eval(), shapes, torch.zeros(2, *image, device="meta"))
    net.train(was_training)


def refusal(name: str, image: tuple[int, int, int], arms: dict[str, Any], error: Exception) -> str:
    """One line: the model cannot take the image, and the next size that it can."""
    said = f"model.name={name} cannot take {image[1]}x{image[2]} images"
    for side in (s for s in SIDES if s > min(image[1:])):
        larger = (image[0], side, side)
        try:
            with torch.device("meta"):
                check_takes(create(name, larger, 2, arms), larger)
        except Exception:  # this one neither
            continue
        return f"{said}; image.size={side} does"
    return f"{said} ({type(error).__name__}: {str(error).partition(chr(10))[0]})"
