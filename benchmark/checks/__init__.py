"""Runs a plugin against the contract, rule by rule.

Two processes: `worker` runs the plugin's code, does what it is asked for (`stage`) and judges nothing. The
judge (`supervisor`) asks it (`bench`), imports no plugin and unpickles nothing. A rule is a function of a
`Subject` (see `subject`), made by `rule`; what it gives is a problem, a note, or nothing.
"""
