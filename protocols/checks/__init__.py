"""Runs a plugin against the contract, rule by rule, with nothing but a model's class and clips.

A rule is a function of a `Subject` (see `subject`), made by `rule`; what it gives is a problem, a note, or
nothing. The engine's own rules (search space, cost, saved state, processes) are in `benchmark.checks`.
"""
