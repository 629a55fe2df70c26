"""The command line's commands, one a file; matting/__main__.py puts them together."""
