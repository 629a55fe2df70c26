"""How tests are divided between processes (`python -m pytest -n 2`)."""

import re
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parents[1]
BROWSER = re.compile(r"\bchromium\b|mark\.browser")


class Files(LoadScopeScheduling):
    """Whole files, as their tests share fixtures; of those that drive a browser, one at a time."""

    def _split_scope(self, nodeid: str) -> str:
        """What runs in one process, one after another."""
        file = nodeid.partition("::")[0]
        return "browser" if BROWSER.search((ROOT / file).read_text(encoding="utf-8")) else file
