"""The page in a real browser: no error on its console, tables that sort, nothing wider than a phone."""

import shutil
import subprocess
from pathlib import Path

import pytest
from made_study import made, written

pytestmark = pytest.mark.browser

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--enable-logging=stderr"),
    *("--virtual-time-budget=2000", "--dump-dom"),
]

PROBE = """<script>
const table = document.querySelectorAll("table.sortable")[0];
const heads = [...table.tHead.rows[0].cells];
const column = heads.findIndex((head) => head.textContent.startsWith("test acc"));
const read = () => [...table.tBodies[0].rows].map((row) => parseFloat(row.cells[column].textContent)).join(" ");
heads[column].querySelector("button").click();
const up = read();
heads[column].querySelector("button").click();
document.title = `up ${up} down ${read()} wide ${document.documentElement.scrollWidth > window.innerWidth}`;
</script></body>"""


@pytest.fixture
def page(tmp_path: Path, told) -> Path:
    written(tmp_path / "runs/made", *made({"pos": ["none", "learned"], "patch": ["4", "7"]}, [0, 1, 2]))
    assert told("runs/made").code == 0
    return tmp_path / "runs/made/report/report.html"


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")
@pytest.mark.parametrize("width", [390, 1300])
def test_sorts_stays_within_the_window_and_logs_no_error(page, tmp_path, width):
    probed = page.with_name("probed.html")
    probed.write_text(page.read_text().replace("</body>", PROBE))
    words = [
        CHROMIUM,
        *FLAGS,
        f"--user-data-dir={tmp_path}/profile",
        f"--window-size={width},900",
        f"file://{probed}",
    ]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=True)
    title = done.stdout.split("<title>")[1].split("</title>")[0]
    up, down = title.removeprefix("up ").split(" wide ")[0].split(" down ")
    assert [float(x) for x in up.split()] == sorted(float(x) for x in up.split())
    assert up.split() == down.split()[::-1]
    assert len(up.split()) == 4
    assert title.endswith("wide false")
    assert "CONSOLE" not in done.stderr, done.stderr
