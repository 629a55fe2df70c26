"""Visits to a public demo: each person's pictures apart from everybody else's, bounded, and erased in the end."""
