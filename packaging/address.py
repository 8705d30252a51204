"""Name the project's public address in what is about to be built: URLs of the metadata, links of the README.

    python packaging/address.py https://github.com/OWNER/NAME

The release workflow runs it on its checkout, so that a fork releases under its own address and a clone names none.
Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import argparse
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"(!?)(\[[^\]]*\]\()(?!\w+:|#)([^)\s]+)")
"""A Markdown link or picture whose target is a path: what stands before the bracket, the text, the target."""


def with_urls(project: str, address: str) -> str:
    """The text of pyproject.toml with the table of URLs that the package index shows.

    Raises:
        SystemExit: the table is there already.
    """
    read = tomllib.loads(project)["project"]
    if "urls" in read:
        raise SystemExit("pyproject.toml names URLs already: start from a clean checkout.")
    at_release = f"{address}/blob/v{read['version']}"
    urls = {
        "Homepage": address,
        "Documentation": f"{address}/tree/v{read['version']}/docs",
        "Issues": f"{address}/issues",
        "Changelog": f"{at_release}/CHANGELOG.md",
    }
    return project + "\n[project.urls]\n" + "".join(f'{name} = "{url}"\n' for name, url in urls.items())


def with_absolute_links(readme: str, address: str, version: str) -> str:
    """The README with links to the files of this release: on the package index a path alone leads nowhere.

    >>> with_absolute_links("[a](docs/a.md#b) ![c](c.png) [d](https://e.f)", "https://g/h", "0.1.0")
    '[a](https://g/h/blob/v0.1.0/docs/a.md#b) ![c](https://g/h/raw/v0.1.0/c.png) [d](https://e.f)'
    """

    def absolute(link: re.Match[str]) -> str:
        picture, text, path = link.groups()
        return f"{picture}{text}{address}/{'raw' if picture else 'blob'}/v{version}/{path}"

    return LINK.sub(absolute, readme)


def main() -> None:
    """Rewrite pyproject.toml and README.md of this checkout."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", help="https://github.com/OWNER/NAME")
    address = parser.parse_args().address.rstrip("/")
    if not re.fullmatch(r"https://[\w.-]+/[\w.-]+/[\w.-]+", address):
        parser.error(f"ADDRESS must look like https://github.com/OWNER/NAME, got '{address}'.")

    project, readme = ROOT / "pyproject.toml", ROOT / "README.md"
    version = tomllib.loads(project.read_text())["project"]["version"]
    project.write_text(with_urls(project.read_text(), address))
    readme.write_text(with_absolute_links(readme.read_text(), address, version))


if __name__ == "__main__":
    main()
