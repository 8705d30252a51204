"""Debian's Chromium, driven over the W3C WebDriver protocol by the standard library alone; the network is refused."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

INSTALL = ("apt-get", "install", "-y", "--no-install-recommends", "chromium", "chromium-driver")
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


def why_no_browser() -> str | None:
    """None where Chromium and its driver can be run, after installing them where that is possible; else the reason."""
    if shutil.which("chromium") and shutil.which("chromedriver"):
        return None
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return "chromium and chromedriver are not installed, and only root may install them"
    for command in (("apt-get", "update"), INSTALL):
        done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
        if done.returncode != 0:
            return f"chromium cannot be installed: {done.stderr.strip()[-300:]}"
    return None


class Browser:
    """One page of one browser."""

    def __init__(self, address: str, session: str) -> None:
        self._root = f"{address}/session/{session}"

    def open(self, page: Path) -> None:
        self._post("url", {"url": page.resolve().as_uri()})

    def run(self, script: str) -> Any:
        """The value of a script's ``return``."""
        return self._post("execute/sync", {"script": script, "args": []})

    def devtools(self, command: str, **parameters: Any) -> Any:
        return self._post("goog/cdp/execute", {"cmd": command, "params": parameters})

    def size(self, width: int, height: int) -> None:
        self.devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )

    def dark(self, *, on: bool) -> None:
        features = [{"name": "prefers-color-scheme", "value": "dark" if on else "light"}]
        self.devtools("Emulation.setEmulatedMedia", features=features)

    def log(self, kind: str) -> list[dict[str, Any]]:
        """What came into a log ("browser", "performance") since it was last asked for."""
        return list(self._post("se/log", {"type": kind}))

    def picture(self, to: Path) -> None:
        """The whole page as a PNG file."""
        taken = self.devtools("Page.captureScreenshot", captureBeyondViewport=True, format="png")
        to.write_bytes(base64.b64decode(taken["data"]))

    def close(self) -> None:
        _request(self._root, None, method="DELETE")

    def _post(self, command: str, values: dict[str, Any]) -> Any:
        return _request(f"{self._root}/{command}", values)


@contextmanager
def browser(scratch: Path) -> Iterator[Browser]:
    """A headless Chromium without network; it ends with the block."""
    with (scratch / "chromedriver.log").open("w") as log:
        driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=log, text=True)
    assert driver.stdout is not None
    try:
        address = f"http://127.0.0.1:{_port(driver)}"
        options = {"args": [*ARGUMENTS, f"--user-data-dir={scratch / 'profile'}"]}
        wanted = {
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        session = _request(f"{address}/session", {"capabilities": {"alwaysMatch": wanted}})
        page = Browser(address, session["sessionId"])
        try:
            yield page
        finally:
            page.close()
    finally:
        driver.terminate()
        driver.wait(timeout=20)
        driver.stdout.close()


def _port(driver: subprocess.Popen[str]) -> int:
    assert driver.stdout is not None
    for line in driver.stdout:
        if "successfully on port" in line:
            return int(line.rstrip(".\n ").rsplit(" ", 1)[1])
    raise RuntimeError("chromedriver ended without printing its port")


def _request(address: str, values: dict[str, Any] | None, *, method: str = "POST") -> Any:
    content = None if values is None else json.dumps(values).encode()
    request = urllib.request.Request(address, content, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=90) as answer:
            return json.load(answer)["value"]
    except urllib.error.HTTPError as error:
        with error:
            raise RuntimeError(f"{address}: {json.load(error)['value']['message']}") from error
