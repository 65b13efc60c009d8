"""timm's pretrained weights, from the cache of the hub's client or, if the network answers, from the hub."""

from pathlib import Path

from ablate.data.answers import PATIENCE_S, silence

FILE = "model.safetensors"
LOCALLY = "init.path=FILE.safetensors reads weights that are here already"


def weights_of(name: str) -> Path:
    """The file of a model of timm's, `name` with or without its tag. Raises ValueError, one line."""
    import timm
    from huggingface_hub import hf_hub_download, hf_hub_url
    from huggingface_hub.errors import LocalEntryNotFoundError

    if not timm.is_model(name):
        raise ValueError(f"init.name={name}: timm has no such model; {LOCALLY}")
    repository = repository_of(name)
    if not repository:
        tags = timm.list_pretrained(f"{name.partition('.')[0]}.*")
        some = f"it has them for {', '.join(tags[:3])}" if tags else "timm.list_pretrained() has the names"
        raise ValueError(f"init.name={name}: timm has no weights for it; {some}; {LOCALLY}")
    try:
        return Path(hf_hub_download(repository, FILE, local_files_only=True))
    except LocalEntryNotFoundError:
        pass
    if why := silence(hf_hub_url(repository, FILE)):
        raise ValueError(refusal(name, repository, why))
    try:
        return Path(hf_hub_download(repository, FILE, etag_timeout=PATIENCE_S))
    except Exception as e:
        raise ValueError(refusal(name, repository, str(e))) from e


def repository_of(name: str) -> str | None:
    """Where the hub has a model's weights; None where timm knows of none."""
    import timm

    try:
        config = timm.get_pretrained_cfg(name)
    except RuntimeError:  # a tag that the model does not have
        return None
    return config.hf_hub_id if config is not None else None


def refusal(name: str, repository: str, why: str) -> str:
    why = next(iter(why.splitlines()), "").rstrip(".")
    return f"init.name={name}: {FILE} of {repository} is not here and the hub did not give it ({why}); {LOCALLY}"
