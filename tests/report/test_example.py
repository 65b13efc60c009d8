"""The example under docs/ and the README's words about it are what the report says of its records."""

import re
from pathlib import Path

from ablate.report.findings import Criteria, find
from ablate.report.read import studies
from ablate.report.words.decision import decision_sentences
from ablate.report.words.sentences import how_to_read, verdict_sentences

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs/example"


def test_the_example_says_what_its_records_say():
    (found,), differing = find(*studies.read([EXAMPLE]), Criteria())
    assert differing == []
    assert len(found.runs) == 36
    page = (EXAMPLE / "report/report.md").read_text()
    said = [sentence.text for sentence in verdict_sentences(found)]
    assert len(said) == 9
    assert [text for text in said if text not in page] == []
    readme = " ".join((ROOT / "README.md").read_text().split())
    quoted = [text for text in said if text.split(" (")[0] in readme]
    assert len(quoted) >= 3, "the README quotes the verdict"
    effects = [re.split(r"[;,]? p = |, 3 seeds", text)[0] for text in quoted if "95 % interval" in text]
    assert [text for text in effects if text not in readme] == [], "with the report's own intervals"
    assert "correlate by 0.12 over the seeds, so pairing takes about 9 % off the variance" in readme
    assert any(
        "correlate by 0.12 (mean of 66 pairs): pairing by seed takes about 9 % off" in x
        for x in how_to_read(found)
    )
    decided = decision_sentences(found)
    assert [one.text for one in decided if one.text not in page] == []
    for word, text in decided:
        command, _, note = text.partition("  # ")
        shown = f"**{word}** " + (f"`{command}`: {note.split(';')[0]}." if note else text)
        assert shown in readme, "the README has the whole decision"


def test_no_place_of_the_machine_that_made_it_is_in_it():
    for file in EXAMPLE.rglob("*.*"):
        text = file.read_bytes()
        assert not any(place in text for place in (b"/tmp/", b"/root/", b"/home/")), file
