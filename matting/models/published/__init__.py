"""Networks of the literature, one a file, each with the files of weights that its authors published."""
