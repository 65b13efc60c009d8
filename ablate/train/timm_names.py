"""A VisionTransformer of timm's as weights of our ViT: its names mapped to ours, its layer scales folded in."""

import re

import torch
from torch import Tensor, nn

from ablate.train.adapt import Table, blocks_of

OURS = {
    r"patch_embed\.proj\.": "patch.proj.",
    r"(blocks\.\d+)\.attn\.proj\.": r"\1.attn.out.",
    r"(blocks\.\d+)\.mlp\.fc1\.": r"\1.mlp.up.",
    r"(blocks\.\d+)\.mlp\.fc2\.": r"\1.mlp.down.",
}
SAME = re.compile(
    r"(blocks\.\d+\.(norm1|norm2|attn\.qkv|attn\.out|mlp\.up|mlp\.down)|norm|patch\.proj)\.(weight|bias)"
)
LEFT = re.compile(r"(head|fc_norm|attn_pool)\.")  # what follows the blocks is ours anyway
APART = ("pos_embed", "cls_token", "reg_token")


def ours(theirs: dict[str, Tensor], title: str) -> tuple[dict[str, Tensor], Table | None]:
    """timm's tensors under our names, and its position table. ValueError for parts that our ViT does not have."""
    theirs = folded(theirs)
    state: dict[str, Tensor] = {}
    for name, tensor in theirs.items():
        mine = name
        for pattern, better in OURS.items():
            mine = re.sub(f"^{pattern}", better, mine)
        if SAME.fullmatch(mine) or mine.startswith("head."):
            state[mine] = tensor
        elif name not in APART and not LEFT.match(name):
            raise ValueError(
                f"{title}: it has a part that our ViT lacks, {name}; model=timm model.name=NAME takes it"
            )
    for index in range(blocks_of(set(state))):
        bias = f"blocks.{index}.attn.qkv.bias"
        state.setdefault(bias, torch.zeros(len(state[bias.replace("bias", "weight")])))
    if "cls_token" in theirs:
        state["pool.token"] = theirs["cls_token"].flatten()
    for index, register in enumerate(theirs.get("reg_token", torch.empty(1, 0, 1))[0]):
        state[f"registers.{index}"] = register
    return state, positions(theirs)


def folded(theirs: dict[str, Tensor]) -> dict[str, Tensor]:
    """Scales of the branches (LayerScale, Touvron et al. 2021) as part of the maps before them: as exact."""
    out = dict(theirs)
    for name in [name for name in theirs if re.fullmatch(r"blocks\.\d+\.ls[12]\.gamma", name)]:
        block, scale = name.rsplit(".", 2)[0], out.pop(name)
        last = f"{block}.attn.proj" if ".ls1." in name else f"{block}.mlp.fc2"
        out[f"{last}.weight"] = scale[:, None] * out[f"{last}.weight"]
        if f"{last}.bias" in out:
            out[f"{last}.bias"] = scale * out[f"{last}.bias"]
    return out


def positions(theirs: dict[str, Tensor]) -> Table | None:
    """The rows of timm's table (1, P + N, D); where CLS and registers have none, theirs are zeros."""
    if "pos_embed" not in theirs:
        return None
    rows = theirs["pos_embed"][0]
    cls, registers = int("cls_token" in theirs), theirs.get("reg_token", torch.empty(1, 0, 1)).shape[1]
    prefix = next((p for p in (cls + registers, cls, 0) if is_square(len(rows) - p)), cls + registers)
    blank = torch.zeros(registers, rows.shape[1])
    return Table(
        cls=(rows[0] if prefix else torch.zeros(rows.shape[1])) if cls else None,
        registers=rows[cls:prefix] if prefix > cls else blank,
        patches=rows[prefix:],
    )


def is_square(n: int) -> bool:
    return n >= 0 and round(n**0.5) ** 2 == n


def heads_of(name: str) -> int:
    """Heads in each block of a VisionTransformer of timm's. ValueError for a model that is none."""
    import timm

    if not timm.is_model(name):
        raise ValueError(f"init.name={name}: timm has no such model; timm.list_models('vit*') has the names")
    with torch.device("meta"):
        net = timm.create_model(name, pretrained=False)
    block = next(iter(getattr(net, "blocks", [])), None)
    if type(net).__name__ != "VisionTransformer" or block is None or not isinstance(block.mlp.act, nn.GELU):
        raise ValueError(
            f"init.name={name}: no plain ViT, so ours cannot take its weights; model=timm model.name={name} does"
        )
    return int(block.attn.num_heads)
