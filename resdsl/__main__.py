"""`python -m resdsl`."""

from resdsl.cli import main

raise SystemExit(main())
