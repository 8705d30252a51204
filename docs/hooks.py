"""What mkdocs does beside its own work: the pages stand alone, and their search works from a folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

OUTSIDE = re.compile(r"\]\(((?:\.\./)+(?!math/)[^)#]+)\)")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Name what lies outside the site instead of linking to it: the site stands alone."""
    return re.sub(r"\[([^\]]+)" + OUTSIDE.pattern, r"\1", markdown)


def on_post_page(output: str, *, page: Any, **_: Any) -> str:
    """Load our stand-in for workers before the theme's own script asks for one."""
    up = "../" * page.url.count("/")
    return output.replace("</head>", f'<script src="{up}search-from-a-folder.js"></script></head>', 1)


def on_post_build(config: Any, **_: Any) -> None:
    """Write the index of the search as a script too: pages opened from a folder may load scripts, but fetch no file."""
    index = Path(config["site_dir"]) / "search" / "search_index.json"
    index.with_suffix(".js").write_text(f"var __index = {index.read_text(encoding='utf-8')}", encoding="utf-8")
