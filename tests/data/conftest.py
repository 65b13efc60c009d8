import pytest
from data_doubles import serve


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def web():
    """A mirror that has both files of the doubles."""
    with serve() as web:
        yield web


@pytest.fixture
def lines():
    """What the user is told: pass `lines.append` as `say`."""
    return []
