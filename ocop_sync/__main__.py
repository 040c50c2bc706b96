"""Run the command line as `python -m ocop_sync`."""

from ocop_sync.cli import main

main()
