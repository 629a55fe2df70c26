"""What only MODNet's training needs: its three objectives, whole photos, heads, adaptation without labels."""
