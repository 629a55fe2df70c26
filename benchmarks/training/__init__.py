"""What training teaches, and how fast."""
