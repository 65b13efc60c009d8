"""Data sets of Hugging Face's library `datasets`, from its hub or from a folder of parquet files."""

from functools import partial
from pathlib import Path
from typing import Any, Literal

from ablate.data import parquet
from ablate.data.answers import silence
from ablate.data.listing import Listing, check, ordered
from ablate.data.packed import Picture
from ablate.data.pictures import Pictures
from ablate.data.places import cache
from ablate.data.seen import Seen

PARTS = {"train": "train", "training": "train", "test": "test", "val": "val", "valid": "val", "validation": "val"}
TAKES = "data.root=OWNER/NAME of the hub, or a folder of parquet files, does"
EXTRA = 'data=hf needs an extra: pip install "vit-ablate[hf]"'


class Hf(Pictures):
    """`root` names a data set of the hub, of its `config` where it has several, or a folder of parquet files.

    `picture` and `label` are its columns of images and of classes, null where there is but one of each. Splits are
    used as the folders of data=folder are.
    """

    def __init__(
        self,
        *,
        root: str | None,
        config: str | None,
        picture: str | None,
        label: str | None,
        val: float,
        test: float,
        size: int | None,
        fit: Literal["crop", "stretch"],
        broken: Literal["refuse", "skip"],
        memory: float,
        workers: int,
    ) -> None:
        super().__init__(
            root=root, val=val, test=test, size=size, fit=fit, broken=broken, memory=memory, workers=workers
        )
        self.config, self.picture, self.label = config, picture, label

    def listed(self) -> Listing:
        if self.root is None:
            raise ValueError(f"data.root=null: data=hf needs data.root; {TAKES}")
        where = f"data.root={self.root}"
        parts = by_part(opened(self.root, self.config, where), where)
        features = next(iter(parts.values())).features
        picture = column(features, "Image", self.picture, "picture", where)
        label = column(features, "ClassLabel", self.label, "label", where)
        parts = {part: undecoded(table, picture) for part, table in parts.items()}
        names, found = named(parts, label), []
        known = Seen(parts, picture)
        for part, table in parts.items():
            for row, value in enumerate(table[label]):
                name = f"{part}/{row}".lstrip("/")
                digest, head = known.look(name, partial(image, table, row, picture))
                if value is None or not 0 <= int(value) < len(names):
                    raise ValueError(f"{where}: label {value} in row {name}; 0 to {len(names) - 1} do")
                found.append(Picture(part, int(value), digest, head, name))
        known.keep()

        def read(name: str) -> bytes:
            part, _, row = name.rpartition("/")
            return image(parts[part], int(row), picture)

        listing = Listing(where, names, ordered(found), read)
        check(listing)
        return listing


def opened(root: str, config: str | None, where: str) -> dict[str, Any]:
    """The tables by the name of their split. Raises ValueError, one line."""
    place = Path(root).expanduser()
    if place.is_dir():
        if not list(place.rglob("*.parquet")):
            raise ValueError(f"{where} holds no parquet files; {TAKES}")
    elif root.count("/") != 1 or root.startswith((".", "/", "~")):
        raise ValueError(f"{where} is no folder; {TAKES}")
    try:
        return dict(parquet.tables(place)) if place.is_dir() else of_hub(root, config, where)
    except ImportError as e:
        raise ValueError(EXTRA) from e
    except (ValueError, OSError) as e:  # those of pyarrow are of these kinds
        why = (str(e).splitlines() or [type(e).__name__])[0].rstrip(".").removeprefix(f"{where}: ")
        raise ValueError(f"{where}: cannot be read ({why}); {TAKES}") from e


def of_hub(name: str, config: str | None, where: str) -> dict[str, Any]:
    """By the library `datasets`, into our cache."""
    import datasets

    if not is_offline() and (why := silence(f"https://huggingface.co/datasets/{name}")):
        raise ValueError(f"the hub does not answer: {why}")
    datasets.disable_progress_bars()
    datasets.logging.set_verbosity(datasets.logging.CRITICAL)  # what goes wrong is said here, in one line
    try:
        return dict(datasets.load_dataset(name, config, cache_dir=str(cache() / "hf")))
    except Exception as e:  # fsspec and datasets each raise their own
        raise ValueError(str(e.__cause__ or e)) from e


def is_offline() -> bool:
    """Whether the user said that what was fetched before is to do."""
    import datasets

    return bool(datasets.config.HF_HUB_OFFLINE)


def by_part(tables: dict[str, Any], where: str) -> dict[str, Any]:
    """The splits as parts; one alone is still to be split, and a validation split without a test split is it."""
    found = {PARTS[name]: table for name, table in tables.items() if name in PARTS}
    if len(tables) == 1:
        return {"": next(iter(tables.values()))}
    if "train" not in found or len(found) < 2:
        has = ", ".join(tables)
        raise ValueError(f"{where} has the splits {has}; train with validation or test does, or one split alone")
    if "test" not in found:
        found["test"] = found.pop("val")
    return found


def column(features: Any, kind: str, asked: str | None, key: str, where: str) -> str:
    """The name of the column of a kind of feature."""
    if asked is not None:
        if asked not in features:
            raise ValueError(f"data.{key}={asked}: {where} has no such column; {', '.join(features)} are there")
        return asked
    fits = [name for name, feature in features.items() if type(feature).__name__ == kind]
    if not fits and key == "label":
        fits = [name for name in ("label", "labels") if name in features]
    if not fits and key == "picture":
        fits = [name for name in ("image", "img") if name in features]
    if len(fits) != 1:
        there = f"columns {', '.join(fits)} could be it" if fits else f"of {', '.join(features)} none is one"
        raise ValueError(f"{where}: data.{key}=COLUMN is needed, {there}")
    return fits[0]


def named(parts: dict[str, Any], label: str) -> tuple[str, ...]:
    """The names of the classes; their numbers where the data set has no names."""
    table = next(iter(parts.values()))
    names = getattr(table.features[label], "names", None)
    if names:
        return tuple(names)
    highest = max(max(part.unique(label)) for part in parts.values())
    return tuple(str(number) for number in range(int(highest) + 1))


def undecoded(table: Any, picture: str) -> Any:
    """A table that gives images as their bytes."""
    if isinstance(table, parquet.Table) or type(table.features[picture]).__name__ != "Image":
        return table
    import datasets

    return table.cast_column(picture, datasets.Image(decode=False))


def image(table: Any, row: int, picture: str) -> bytes:
    """The bytes of an image, as they are or in the file that the table names."""
    cell = table[row][picture]
    if isinstance(cell, bytes):
        return cell
    held = (cell or {}).get("bytes")
    return held if held is not None else Path(cell["path"]).read_bytes() if cell and cell.get("path") else b""
