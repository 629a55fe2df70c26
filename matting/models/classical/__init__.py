"""Solvers of the literature that are written here, one per file."""
