"""Training the whole of `studio` on generated pictures only, within a given time, on a machine with a GPU."""
