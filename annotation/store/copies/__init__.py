"""Pictures that may be copies of others, and what finds them."""
