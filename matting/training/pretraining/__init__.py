"""Training `studio` as a whole, on generated pictures alone, within a given time: for a machine with a GPU."""
