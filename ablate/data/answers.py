"""Whether a server answers, asked once: the hub's own client would try for half a minute before it says no."""

import os

PATIENCE_S = 5.0


def silence(url: str) -> str | None:
    """Why nothing comes from there, in a few words; None if something does."""
    from huggingface_hub.utils import get_session

    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        return "HF_HUB_OFFLINE is set"
    try:
        get_session().head(url, timeout=PATIENCE_S)
    except Exception as e:  # of whichever library the client asks with
        return (str(e).splitlines() or [type(e).__name__])[0].rstrip(".")
    return None
