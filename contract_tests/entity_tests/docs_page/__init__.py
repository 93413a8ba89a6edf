"""Pages in a browser: the documentation, and one on another origin that calls the server."""
