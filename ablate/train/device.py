"""Which device, and which number format is faster on it."""

import os
import platform
from typing import Any

import torch


def pick(wanted: str) -> torch.device:
    """auto takes CUDA, then Apple's MPS, then the CPU. ValueError when the wanted one is not here."""
    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return torch.device(next(kind for kind in here if here[kind]))
    if not here[wanted]:
        there = ", ".join(kind for kind, found in here.items() if found)
        raise ValueError(f"device={wanted}: this machine has none that torch can use; {there} works")
    return torch.device(wanted)


def precision(wanted: str, device: torch.device) -> str:
    """auto is bf16 where the hardware multiplies it: Ampere and later, CPUs with avx512_bf16 or AMX."""
    if wanted != "auto":
        return wanted
    if device.type == "cuda":
        fast = torch.cuda.get_device_capability(device) >= (8, 0)
    else:
        fast = device.type == "cpu" and bool({"avx512_bf16", "amx_bf16"} & cpu_features())
    return "bf16" if fast else "fp32"


def cpu_features() -> set[str]:
    """Names of the instruction sets that torch sees in this CPU, as Linux spells them."""
    see = {
        "avx512_bf16": getattr(torch.cpu, "_is_avx512_bf16_supported", None),
        "amx_bf16": getattr(torch.cpu, "_is_amx_tile_supported", None),
    }
    return {name for name, is_there in see.items() if is_there is not None and is_there()}


def settle(device: torch.device, seed: int) -> None:
    """Same seed, same device, same result: seeds what has no generator of its own (dropout in a part)."""
    torch.manual_seed(seed)
    if device.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True, warn_only=True)
        for fused in ("flash", "mem_efficient", "cudnn"):  # their gradients of attention are not the same twice
            getattr(torch.backends.cuda, f"enable_{fused}_sdp")(False)
        deterministic: Any = torch.utils.deterministic
        deterministic.fill_uninitialized_memory = False  # a kernel more for each tensor
        torch.cuda.reset_peak_memory_stats(device)


def name(device: torch.device) -> str:
    """What a reader calls the device: the GPU's name, or the CPU's make and its threads."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type != "cpu":
        return cpu_name()
    threads = torch.get_num_threads()
    return f"{cpu_name()}, {threads} thread{'s' * (threads > 1)}"


def cpu_name() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def peak_bytes(device: torch.device) -> int | None:
    """Most memory that tensors held at once on a GPU since the last reset; not known elsewhere."""
    return torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None
