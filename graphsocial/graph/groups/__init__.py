"""Who acts together more often than chance explains, and the communities that edges make."""
