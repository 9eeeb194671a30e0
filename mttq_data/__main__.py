"""``python -m mttq_data``: the command line where the ``mttq`` script is not on the path."""

from __future__ import annotations

import sys

from mttq_data.cli import main

if __name__ == "__main__":
    sys.exit(main())
