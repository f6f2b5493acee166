"""Loads plugins, checks what they declare, and makes models of them."""
