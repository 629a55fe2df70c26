"""What the machine and whoever runs the program set: numbers in variables, and places for caches."""
