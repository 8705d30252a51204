"""The four files of a study: the list for training, the table, all of it as plain types, and the page."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tailproof.selection.outcome import features_list, table_rows
from tailproof.selection.study import Study
from tailproof.selection.study_page import study_html
from tailproof.storage.out_file import OutFile, out_file


def study_files(out: Path, *, overwrite: bool) -> dict[str, OutFile]:
    """The files of a study in a folder, by name.

    Raises:
        ConfigError: an earlier study is there, and is not to be replaced.
    """
    names = ("features.txt", "study.csv", "study.json", "study.html")
    return {name: out_file(out / name, overwrite=overwrite) for name in names}


def write_study(study: Study, files: Mapping[str, OutFile], *, data: str) -> None:
    """Write a study into its files; ``data`` says where its rows come from, and from when to when they are."""
    rows = table_rows(study)
    record = {
        "data": data,
        "sentence": study.sentence(),
        "chosen": study.chosen,
        "concordance": study.concordance,
        "population_ic": study.population_ic_K.tolist(),
        "features": rows,
    }
    contents = {
        "features.txt": features_list(study),
        "study.csv": _table(rows),
        "study.json": json.dumps(record, indent=1),
        "study.html": study_html(study, data=data),
    }
    for name, content in contents.items():
        files[name].write(content.encode())


def _table(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
