"""docs/input-formats.md: what timm's models and our commands say is what stands there."""

import re
from pathlib import Path

import pytest
import timm
import torch

PAGE = (Path(__file__).parents[1] / "docs/input-formats.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `create_model\((.*?)\)` \| `(\w+)`: (.*?) \|", PAGE, re.M)
REFUSED = re.findall(r"^\| `([^`]+)` \| (ablate: .*?) \|$", PAGE, re.M)


def model(words):
    name, _, channels = words.partition(", in_chans=")
    made = timm.create_model(name.strip('"'), num_classes=10, in_chans=int(channels or 3))
    return made.train()


def test_the_rows_are_found():
    assert (len(ROWS), len(REFUSED)) == (3, 3)


@pytest.mark.parametrize(("words", "kind", "text"), ROWS)
def test_timm_by_itself_says_so(words, kind, text):
    with pytest.raises(Exception, match=re.escape(text)) as error:
        model(words)(torch.rand(1, 1, 28, 28))
    assert type(error.value).__name__ == kind


def test_a_resnet_of_one_channel_says_nothing_but_to_a_batch_of_one():
    made = model('"resnet18", in_chans=1')
    assert made(torch.rand(2, 1, 28, 28)).shape == (2, 10)
    assert made.forward_features(torch.rand(2, 1, 28, 28)).shape[2:] == (1, 1)
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        made(torch.rand(1, 1, 28, 28))


@pytest.mark.parametrize(("words", "line"), REFUSED)
def test_what_is_refused_says_what_would_work(train, words, line):
    said = train(*words.split(), recipe=("tracker=none",))
    assert said.code == 2
    assert said.err.strip() == line
