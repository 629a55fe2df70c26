"""What the app does for labelling by itself: first alphas, and suggestions of what to correct next."""
