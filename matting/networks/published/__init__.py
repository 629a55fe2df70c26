"""Networks of the literature, one a file, under the parameter names of the published code."""
