"""Known vulnerabilities of the packages in requirements-dev.lock: exit code 1 if any, 3 where nobody could be asked."""

from __future__ import annotations

import json
import subprocess
import sys

COMMAND = ("pip_audit", "--requirement", "requirements-dev.lock", "--require-hashes", "--disable-pip")
UNREACHED = 3


def main() -> int:
    """Run pip-audit and say what it found."""
    command = [sys.executable, "-m", *COMMAND, "--format", "json", "--progress-spinner", "off"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (json.JSONDecodeError, KeyError):
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        print(f"Nothing was audited: pip-audit could not ask for known vulnerabilities ({last}).")
        return UNREACHED
    return judged(packages)


def judged(packages: list[dict]) -> int:
    """The exit code for what pip-audit says of each package, printed in sentences."""
    found = [(package, each) for package in packages for each in package.get("vulns", [])]
    for package, vulnerability in found:
        fixed = ", ".join(vulnerability["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {vulnerability['id']}, fixed in {fixed}")
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if len(skipped) == len(packages):
        print("Nothing was audited: the index answers no question about known vulnerabilities.")
        return UNREACHED
    print(f"{len(packages) - len(skipped)} packages audited, {len(found)} known vulnerabilities.")
    if skipped:
        print(f"Not audited, since the index does not answer for them: {', '.join(skipped)}.")
    return 1 if found else UNREACHED if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
