"""The result of a run: measured, chosen, proven, and recorded in the file of weights."""
