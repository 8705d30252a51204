"""The files that only a public CI and conda run: they are whole, and name what is there."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import jinja2
import pytest
from tests.support.bars import ROOT

import tailproof

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ACTION = re.compile(r"[\w.-]+/[\w.-]+@[\w./-]+")


def test_every_job_of_the_release_runs_steps_of_known_form_after_jobs_that_exist() -> None:
    yaml = pytest.importorskip("yaml")
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())
    jobs: dict[str, Any] = workflow["jobs"]
    assert set(workflow) == {"name", True, "jobs"}, "YAML reads the key on as true"
    for name, job in jobs.items():
        needed = job.get("needs", [])
        assert set([needed] if isinstance(needed, str) else needed) < set(jobs), name
        assert job["runs-on"]
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step), name
            assert "uses" not in step or ACTION.fullmatch(step["uses"]), step
    assert jobs["publish"]["needs"] == ["wheels", "sdist"]
    assert jobs["publish"]["if"] == "startsWith(github.ref, 'refs/tags/v')"


def test_the_address_of_the_repository_is_named_before_anything_is_built() -> None:
    yaml = pytest.importorskip("yaml")
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())["jobs"]
    command = "python packaging/address.py ${{ github.server_url }}/${{ github.repository }}"
    for job in ("wheels", "sdist"):
        steps = [step.get("run") or step["uses"] for step in jobs[job]["steps"]]
        building = next(index for index, step in enumerate(steps) if "cibuildwheel" in step or "run build" in step)
        assert command in steps[:building], job


def test_a_package_of_a_known_address_has_urls_and_no_relative_link(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    (checkout / "packaging").mkdir(parents=True)
    for name in ("pyproject.toml", "README.md", "packaging/address.py"):
        (checkout / name).write_text((ROOT / name).read_text())
    address = "https://github.com/somebody/tailproof"
    command = [sys.executable, str(checkout / "packaging" / "address.py")]
    subprocess.run([*command, address + "/"], check=True)

    project = tomllib.loads((checkout / "pyproject.toml").read_text())
    version = project["project"]["version"]
    assert {key: value for key, value in project["project"].items() if key != "urls"} == PROJECT["project"]
    assert project["project"]["urls"] == {
        "Homepage": address,
        "Documentation": f"{address}/tree/v{version}/docs",
        "Issues": f"{address}/issues",
        "Changelog": f"{address}/blob/v{version}/CHANGELOG.md",
    }
    before, after = ((folder / "README.md").read_text() for folder in (ROOT, checkout))
    targets = re.findall(r"\]\(([^)\s]+)", after)
    assert len(targets) == len(re.findall(r"\]\(([^)\s]+)", before))
    assert [target for target in targets if not target.startswith("https://")] == []
    own = [target.split(f"/v{version}/")[1] for target in targets if target.startswith(address)]
    assert [path for path in own if not (ROOT / path.split("#")[0]).exists()] == []
    assert f"]({address}/raw/v{version}/docs/report.png)" in after

    again = subprocess.run([*command, address], capture_output=True, text=True, check=False)
    assert (again.returncode, again.stderr) == (
        1,
        "pyproject.toml names URLs already: start from a clean checkout.\n",
    )
    mistaken = subprocess.run([*command, "somebody/tailproof"], capture_output=True, text=True, check=False)
    assert mistaken.returncode == 2
    assert "must look like https://github.com/OWNER/NAME, got 'somebody/tailproof'" in mistaken.stderr


def test_the_recipe_needs_what_the_project_needs() -> None:
    yaml = pytest.importorskip("yaml")
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    text = environment.from_string((ROOT / "packaging" / "conda" / "meta.yaml").read_text()).render(
        load_file_data=lambda path, from_recipe_dir: PROJECT,
        compiler=lambda language: f"{language} compiler",
        PYTHON="python",
    )
    recipe = yaml.safe_load(text)
    assert str(recipe["package"]["version"]) == PROJECT["project"]["version"]
    needed = {re.split(r"[ <>=]", requirement)[0] for requirement in PROJECT["project"]["dependencies"]}
    in_recipe = {re.split(r"[ <>=]", requirement)[0] for requirement in recipe["requirements"]["run"]}
    assert needed - {"arch", "tzdata"} | {"python", "arch-py", "python-tzdata"} == in_recipe, "by conda-forge's names"
    assert f"python {PROJECT['project']['requires-python']}" in recipe["requirements"]["run"]
    build = {re.split(r"[ <>=]", requirement)[0] for requirement in PROJECT["build-system"]["requires"]}
    assert build <= {requirement.split()[0] for requirement in recipe["requirements"]["host"]}
    assert recipe["build"]["entry_points"] == ["tailproof = tailproof.cli:main"]


def test_the_changelog_has_this_release() -> None:
    assert f"\n## {tailproof.__version__}\n" in (ROOT / "CHANGELOG.md").read_text()


def test_wheels_are_built_for_the_versions_of_python_that_are_promised() -> None:
    promised = {line.rsplit("3.", 1)[1] for line in PROJECT["project"]["classifiers"] if "Python :: 3." in line}
    built = set(re.findall(r"cp3(\d+)-", PROJECT["tool"]["cibuildwheel"]["build"]))
    assert promised == built
