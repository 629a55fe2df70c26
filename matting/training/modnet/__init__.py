"""Training MODNet: its three objectives, crops of whole photos, its heads, and adaptation without labels."""
