"""The browser of the end-to-end tests: any Chrome or Chromium; on Debian as root it is installed.

``python -m tests.browser`` sees to it before the tests begin.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = (
    "NO BROWSER: the tests that drive the simulator's page did not run. "
    "Install Chromium or Google Chrome, or name one in CHROME."
)


def find_browser() -> str | None:
    """The path of a Chrome or Chromium; CHROME names another one."""
    named = os.environ.get("CHROME")
    if named:
        return named
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    return found or (_MAC if Path(_MAC).exists() else None)


def install_browser() -> None:
    """Install Debian's package where that is possible."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    packages = ["chromium", "fonts-noto-core", "fonts-noto-color-emoji"]
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", *command], env=environment, check=False, stdout=subprocess.DEVNULL)


def main() -> None:
    if find_browser() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium for the browser tests (once)…", flush=True)  # noqa: T201
        install_browser()
    if find_browser() is None:
        print(f"\n*** {MISSING}\n", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
