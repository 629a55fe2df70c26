"""Checking labels before anything is learned from them."""
