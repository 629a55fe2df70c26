"""Networks of the literature, one per file, under the parameter names of the published code."""
