"""The commands over the dataset, one a file; annotation/__main__.py puts them together."""
