"""Pictures take minutes: `make pictures` and `.ci/run` ask for them, `make test` does not."""

import os

collect_ignore_glob = [] if os.environ.get("PICTURES") else ["test_*.py"]
