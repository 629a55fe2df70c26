"""One command over many pictures, which several processes or machines may share."""
