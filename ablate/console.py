"""The console of every command: a name or a message is shown as it is, whatever signs stand in it."""

from rich.console import Console


def console(*, soft_wrap: bool = False) -> Console:
    """Reads no markup in `[brackets]` and no emoji in `:colons:`; `soft_wrap` leaves long lines in one piece."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=soft_wrap)
