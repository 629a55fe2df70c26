"""Solvers of the literature that are written here, one a file."""
