"""Read a `.wandb` file back: what an offline W&B run would send.

The format (seen in wandb 0.31, private to it): a 7-byte header, then a LevelDB log, that is blocks of 32 KiB
holding chunks of `crc32, length, type`. A record is one or more chunks, and a `wandb_internal_pb2.Record`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HEADER = b":W&B\xe1\xbe\x00"
BLOCK = 32 * 1024
CHUNK = struct.Struct("<IHB")
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


@dataclass
class OfflineRun:
    """One run as its file tells it; `exit_code` is None for a run that never ended."""

    id: str = ""
    name: str = ""
    project: str = ""
    entity: str = ""
    group: str = ""
    job_type: str = ""
    tags: list[str] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    steps: dict[str, str] = field(default_factory=dict)
    exit_code: int | None = None


def blobs(data: bytes) -> Iterator[bytes]:
    """The raw records of a file, up to its end or to where a kill cut it off."""
    if not data.startswith(HEADER):
        raise ValueError(f"not a .wandb file: it begins with {data[:7]!r}")
    at, parts = len(HEADER), b""
    while at + CHUNK.size <= len(data):
        if BLOCK - at % BLOCK < CHUNK.size:  # no chunk starts in the last six bytes of a block
            at += BLOCK - at % BLOCK
            continue
        _, length, kind = CHUNK.unpack_from(data, at)
        at += CHUNK.size
        if kind not in (FULL, FIRST, MIDDLE, LAST) or at + length > len(data):
            return
        parts += data[at : at + length]
        at += length
        if kind in (FULL, LAST):
            yield parts
            parts = b""


def read(file: Path) -> OfflineRun:
    """The run that a `.wandb` file holds."""
    from wandb.proto.wandb_internal_pb2 import Record

    run = OfflineRun()
    for blob in blobs(file.read_bytes()):
        record = Record.FromString(blob)
        kind = record.WhichOneof("record_type")
        if kind == "run":
            take_run(run, record.run)
        elif kind == "config":
            run.config |= items(record.config.update)
        elif kind == "history":
            run.history.append(items(record.history.item))
        elif kind == "summary":
            run.summary |= items(record.summary.update)
        elif kind == "metric":
            run.steps[record.metric.name or record.metric.glob_name] = record.metric.step_metric
        elif kind == "exit":
            run.exit_code = record.exit.exit_code
    return run


def take_run(run: OfflineRun, seen: Any) -> None:
    """Fill in what the run record says: who it is and how it is configured."""
    run.id, run.name, run.project, run.entity = seen.run_id, seen.display_name, seen.project, seen.entity
    run.group, run.job_type, run.tags = seen.run_group, seen.job_type, list(seen.tags)
    run.config |= items(seen.config.update)


def items(pairs: Any) -> dict[str, Any]:
    """Key and JSON value of each item; a nested key is joined with dots."""
    return {item.key or ".".join(item.nested_key): json.loads(item.value_json) for item in pairs}


def read_all(study: Path) -> list[OfflineRun]:
    """All runs in a study's folder, in the order they began.

    Ends this process' W&B service first: it may still be writing when `finish()` has long returned.
    """
    import wandb

    wandb.teardown()
    return [read(file) for file in sorted(study.glob("wandb/*run-*/*.wandb"))]
