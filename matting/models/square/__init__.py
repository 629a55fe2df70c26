"""Models that see the whole photo as one small square and find its subject; each file gives a network's numbers."""
