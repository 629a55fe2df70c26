"""Photos and clips about which everything is known, for the benchmarks."""
