"""The commands over the dataset, one per file; annotation/__main__.py puts them together."""
