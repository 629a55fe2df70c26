"""The losses of published networks that answer with more than one alpha."""
