"""A training run as a job: it has a process of its own, and files in its folder record its progress."""
