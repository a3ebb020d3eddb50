"""``python -m valfardsbrott`` is the command ``valfardsbrott``."""

import sys

from valfardsbrott.cli import main

sys.exit(main())
