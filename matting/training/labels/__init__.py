"""Labels are looked at before anything is learned from them."""
