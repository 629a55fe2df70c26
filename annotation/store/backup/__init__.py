"""A whole dataset in one file, made while people work, and read into an empty place.

The file is a zip: the rows of each table as lines of JSON, every file they name, and a note on what is in it. It fits
SQLite and PostgreSQL, a folder and object storage alike.
"""
