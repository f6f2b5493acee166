"""The engine and the command line: `python -m benchmark`."""

__version__ = "0.1.0"
