"""What we use of wandb's objects, so that a misspelt name of theirs is found before a run."""

from collections.abc import Mapping
from typing import Protocol


class Summary(Protocol):
    """The headline numbers of a run."""

    def update(self, numbers: Mapping[str, object]) -> None: ...

    def __setitem__(self, name: str, value: object) -> None: ...


class Run(Protocol):
    """A run that `wandb.init` has begun."""

    @property
    def id(self) -> str: ...

    @property
    def dir(self) -> str: ...

    @property
    def url(self) -> str | None: ...

    @property
    def project_url(self) -> str | None: ...

    @property
    def group(self) -> str | None: ...

    @property
    def summary(self) -> Summary: ...

    def log(self, data: Mapping[str, object]) -> None: ...

    def finish(self, *, exit_code: int) -> None: ...

    def define_metric(self, name: str, *, step_metric: str = "", hidden: bool = False) -> object: ...


class Settings(Protocol):
    """Where wandb would look for credentials."""

    api_key: str | None
    identity_token_file: str | None


class Model(Protocol):
    """The data of a saved view, of pydantic."""

    def model_dump_json(self, *, by_alias: bool, exclude_none: bool) -> str: ...


class View(Protocol):
    """A workspace or a report of wandb_workspaces."""

    def _to_model(self) -> Model: ...

    def save(self) -> object: ...

    @property
    def url(self) -> str: ...


class Workspace(View, Protocol):
    """A saved view of a project."""

    _internal_id: str
    _internal_name: str


class Page(View, Protocol):
    """A report."""

    id: str
