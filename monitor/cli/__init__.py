"""The command line `wardwatch`."""

from monitor.cli.app import main

__all__ = ["main"]
