"""The command line's commands, one per file; matting/__main__.py puts them together."""
