"""Photos and clips of which everything is known, for the benchmarks."""
