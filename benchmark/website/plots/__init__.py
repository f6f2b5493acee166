"""Figures for papers, by matplotlib (extra `plots`): one a file; benchmark/website/plots/plots.py has all."""
