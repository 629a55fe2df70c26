"""The machine and the terminal: numbers in variables, folders for caches, memory, processes, one-line errors."""
