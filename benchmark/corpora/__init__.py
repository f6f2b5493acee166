"""Corpora on disk: what a folder holds, how to get it, the embedded ones."""
