"""Write the bill of materials of this environment (CycloneDX 1.6): ``python packaging/sbom.py FILE``."""

from __future__ import annotations

import json
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

PROJECT = "tailproof"


def bill(installed: list[Distribution]) -> dict:
    """The bill: the project, every other package that is installed, and who needs whom."""
    by_name = {normal(each.name): each for each in installed}
    names = sorted(by_name)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": component(by_name[PROJECT], kind="application")},
        "components": [component(by_name[name], kind="library") for name in names if name != PROJECT],
        "dependencies": [
            {"ref": reference(by_name[name]), "dependsOn": [reference(by_name[each]) for each in needed(by_name, name)]}
            for name in names
        ],
    }


def component(package: Distribution, *, kind: str) -> dict:
    """One package, with the licence that it states."""
    stated = package.metadata.get("License-Expression") or package.metadata.get("License")
    licences = [{"license": {"name": stated.splitlines()[0]}}] if stated and stated.strip() else []
    return {
        "type": kind,
        "bom-ref": reference(package),
        "name": package.name,
        "version": package.version,
        "purl": reference(package),
        **({"licenses": licences} if licences else {}),
    }


def needed(by_name: dict[str, Distribution], name: str) -> list[str]:
    """Which of the installed packages this one may need, those of its extras included."""
    named = {normal(each) for each in by_name[name].requires or []}
    return sorted((named & set(by_name)) - {name})


def normal(requirement: str) -> str:
    """A package's name as indexes compare it, from a name or a whole requirement."""
    end = next((place for place, each in enumerate(requirement) if not (each.isalnum() or each in "-_.")), None)
    return requirement[:end].lower().replace("_", "-").replace(".", "-")


def reference(package: Distribution) -> str:
    """The package URL."""
    return f"pkg:pypi/{normal(package.name)}@{package.version}"


if __name__ == "__main__":
    file = Path(sys.argv[1])
    content = bill(list(distributions()))
    file.write_text(json.dumps(content, indent=2) + "\n")
    print(f"{file}: {len(content['components'])} packages")
