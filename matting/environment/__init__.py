"""Settings from the environment: numbers in variables, and folders for caches."""
