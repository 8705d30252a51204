"""Names that would steer a terminal, forge a line of the log, or become part of a page."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

from rich.console import Console
from tests.faults.promises.ground import Ground, Promise, Trial

from tailproof.report import SILENT, report_files
from tailproof.report.run_list import RunLine
from tailproof.report.run_table import show
from tailproof.runs.journal import Journal
from tailproof.storage import RunFolder


def name_trials(ground: Ground) -> Iterator[Trial]:
    """A name of random characters and of markup is logged, listed, and written into both reports."""
    folder = RunFolder.create(ground.folder / "names")
    journal = Journal(SILENT)
    journal.open(folder)
    run = Path(shutil.copytree(ground.run, ground.folder / "named" / "run"))
    while True:
        characters = [ground.chance.choice(PARTS) for _ in range(8)]
        yield partial(_hostile_name, journal, folder.path / "training_log.txt", run, "".join(characters))


PARTS = (
    *map(chr, (27, 10, 13, 7, 0x9B, 0x202E, 0x85, 60, 62, 34, 39, 38, 65, 124, 96, 0x1F600)),
    *(
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "{{7*7}}",
        "\x1b]0;x\x07",
    ),
)


MARKUP = re.compile(r"(?<!\\)<(script|img)|(?<!\\)\[[^\n\]]*(?<!\\)\]\(javascript")
"""What Markdown would make a tag or a link of, and a backslash would not."""


def _hostile_name(journal: Journal, log: Path, run: Path, name: str) -> str | None:
    before = log.stat().st_size if log.exists() else 0
    journal.log(f"Data: {name}")
    logged = log.read_bytes()[before:].decode()
    out = io.StringIO()
    line = RunLine(name=name, ended="", state="finished", verdict="", rank_ic=0.0, skill=0.0, rows=1, data=name)
    show([line], of=1, console=Console(file=out, force_terminal=False))
    config = json.loads((run / "training_config.json").read_text())
    (run / "training_config.json").write_text(json.dumps({**config, "data": name}))
    pages = {file: content.decode() for file, content in report_files(run, name=name).items()}
    for where, text in {"log": logged, "list of runs": out.getvalue(), **pages}.items():
        if any(not character.isprintable() for character in text if character not in "\n\t\xa0"):
            return f"{name!r} reached the {where} as it is"
    if len(out.getvalue().splitlines()) != 2:
        return f"{name!r} made a line of its own"
    if (found := _Markup.of(pages["report.html"])) is not None:
        return f"{name!r} became {found} of the page"
    return f"{name!r} became markup" if MARKUP.search(pages["report.md"]) else None


class _Markup(HTMLParser):
    """Finds what a name has made of a page."""

    found: str | None = None

    @classmethod
    def of(cls, page: str) -> str | None:
        parser = cls()
        parser.feed(page)
        return parser.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        handlers = [key for key, value in attrs if key.startswith("on") or "javascript:" in (value or "")]
        if handlers or (tag == "img" and dict(attrs).get("src") == "x"):
            self.found = f"<{tag} {handlers}>"

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script" and "alert(1)" in data:
            self.found = "a script"


PROMISES = (
    Promise(
        text="control characters and markup in names reach neither the log nor the list of runs nor the reports",
        count=200,
        trials=name_trials,
    ),
)
