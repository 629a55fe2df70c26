"""What came of a run: measured, chosen, proven, and written into the file."""
