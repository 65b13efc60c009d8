"""Tables in a folder of parquet files, as the hub's data sets are stored, read by pyarrow alone."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any


class Image:
    """A column of images: each a `bytes` or a `path`."""


class Value:
    """A column of anything else."""


@dataclass(frozen=True)
class ClassLabel:
    """A column of classes, numbered in the order of their names."""

    names: list[str]


class Table:
    """The rows of some files, one after the other, with as much of the interface of `datasets` as is used here."""

    def __init__(self, files: list[Path]) -> None:
        import pyarrow
        import pyarrow.parquet

        self.files = files
        self.rows = pyarrow.concat_tables([pyarrow.parquet.read_table(file) for file in files])
        self.columns: dict[str, list[Any]] = {}

    @cached_property
    def features(self) -> dict[str, Any]:
        held = json.loads((self.rows.schema.metadata or {}).get(b"huggingface", b"{}"))
        said = held.get("info", {}).get("features", {})
        return {name: feature(said.get(name, {})) for name in self.rows.column_names}

    @property
    def cache_files(self) -> list[dict[str, str]]:
        return [{"filename": str(file)} for file in self.files]

    def __getitem__(self, key: str | int) -> Any:
        """All of a column, or one row by the names of its columns."""
        if isinstance(key, str):
            return self.rows.column(key).to_pylist()
        return {name: self.rows.column(name)[key].as_py() for name in self.rows.column_names}

    def unique(self, column: str) -> list[Any]:
        found: list[Any] = self.rows.column(column).unique().to_pylist()
        return found


def feature(said: dict[str, Any]) -> Any:
    kind = said.get("_type")
    if kind == "ClassLabel":
        names = said.get("names") or {}
        return ClassLabel(list(names.values()) if isinstance(names, dict) else list(names))
    return Image() if kind == "Image" else Value()


def tables(folder: Path) -> dict[str, Table]:
    """By split: `train` of train-00000-of-00002.parquet, of train.parquet and of train/0000.parquet."""
    files: dict[str, list[Path]] = {}
    for file in sorted(folder.rglob("*.parquet")):
        inner = file.relative_to(folder).parts
        split = inner[0] if len(inner) > 1 and inner[0] != "data" else file.stem.split("-")[0]
        files.setdefault(split, []).append(file)
    return {split: Table(found) for split, found in files.items()}
