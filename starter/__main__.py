"""`python -m starter`."""

from starter.cli import main

main()
