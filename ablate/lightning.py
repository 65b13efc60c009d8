"""A callback of Lightning's that tells a study what its program logs.

With lightning-hydra-template: `+callbacks.ablate._target_=ablate.lightning.Tell`.
It takes what the trainer has in `callback_metrics`, a row an epoch of the history and the last of each at the end.
"""

from typing import TYPE_CHECKING, Any

from ablate.study.program.told import log

try:
    from lightning.pytorch.callbacks import Callback
except ImportError:
    try:
        from pytorch_lightning.callbacks import Callback
    except ImportError as e:
        raise ImportError("ablate.lightning needs lightning, or pytorch_lightning, which is not installed") from e

if TYPE_CHECKING:
    Callback = object


class Tell(Callback):
    """Of every process of a run the first one tells; the others have the same numbers."""

    def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
        if trainer.is_global_zero:
            log(trainer.callback_metrics, epoch=trainer.current_epoch + 1)

    def on_validation_end(self, trainer: Any, module: Any) -> None:
        if trainer.is_global_zero and not trainer.sanity_checking:
            log(trainer.callback_metrics)

    def on_test_end(self, trainer: Any, module: Any) -> None:
        if trainer.is_global_zero:
            log(trainer.callback_metrics)
