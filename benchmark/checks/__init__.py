"""Runs a plugin against the contract, rule by rule, in a process of its own.

A rule is a function of a `Subject` (see `subject`), made by `rule`; what it gives is a problem, a note, or
nothing. `engine_rules` holds those that need the engine: search space, cost, saved state, processes.
"""
