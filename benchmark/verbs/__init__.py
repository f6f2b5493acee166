"""One file a verb of the command line: `add` declares its arguments, `run` does it and returns the exit code.

`--help` imports all of them, so nothing heavy is imported at the top of these files.
"""
