"""Trains networks, and searches for parameters."""
