"""A training as a job: it runs in a process of its own, and files in its folder say how far it is."""
