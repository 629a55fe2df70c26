"""Networks of the literature, one per file, each with the files of weights that its authors published."""
