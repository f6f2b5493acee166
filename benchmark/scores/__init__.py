"""Metrics, intervals, tests and calibration: pure functions of arrays."""
