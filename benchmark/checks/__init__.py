"""Runs a plugin against the contract on embedded clips, in a process of its own: what `check` does."""
