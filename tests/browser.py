"""Installs what the demo's browser tests need besides Python packages; `make test` runs it, as a program.

That is Chromium, and the library that Playwright's driver links and a minimal Debian lacks. Only root can install them;
others are told what to install. The tests run in any case and fail with the same advice.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ADVICE = (
    "The demo is tested in a browser, which is missing here, or a library of its driver. Install them (Debian: apt-get "
    "install chromium libatomic1; Ubuntu: .venv/bin/playwright install --with-deps chromium; Fedora: dnf install "
    "chromium; macOS: brew install chromium), or set TUTOR_TEST_BROWSER=0 to leave these tests out."
)


def find() -> str | None:
    """Give the path of a Chromium: one of this machine, else the one that Playwright installed."""
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    own = map(str, sorted(folder.glob("chromium-*/chrome-linux*/chrome"), reverse=True))
    return next(filter(None, map(shutil.which, BROWSERS)), None) or next(own, None)


def driver_runs() -> bool:
    """Say whether Playwright's driver can be started."""
    return subprocess.run([sys.executable, "-m", "playwright", "--version"], capture_output=True).returncode == 0


def missing() -> list[str]:
    """Name Debian's packages of what this machine lacks."""
    return [name for name, there in (("chromium", find()), ("libatomic1", driver_runs())) if not there]


def commands(packages: list[str], distribution: str) -> list[list[str]]:
    """Give what root runs to install them. Ubuntu has Chromium as a snap only, so Playwright fetches it there."""
    apt = ["apt-get", "install", "-y", "-q", "--no-install-recommends"]
    fetched = distribution == "ubuntu" and "chromium" in packages
    by_apt = [name for name in packages if not (fetched and name == "chromium")]
    lines = [["apt-get", "update", "-q"], [*apt, *by_apt]] if by_apt else []
    return [*lines, [sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"]] if fetched else lines


def main() -> None:
    packages = [] if os.environ.get("TUTOR_TEST_BROWSER") == "0" else missing()
    if packages and os.geteuid() == 0 and shutil.which("apt-get"):
        distribution = platform.freedesktop_os_release().get("ID", "")
        for command in commands(packages, distribution):
            if subprocess.run(command).returncode:
                break
        packages = missing()
    if packages:
        print(ADVICE, file=sys.stderr)


if __name__ == "__main__":
    main()
