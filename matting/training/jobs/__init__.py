"""A training as a job: asked for once, worked on by a process of its own, told of by files in its folder."""
