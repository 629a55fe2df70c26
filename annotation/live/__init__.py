"""Live: frames of a camera come over a socket, alphas go back. No Gradio."""
