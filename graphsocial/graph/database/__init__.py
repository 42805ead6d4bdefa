"""SQL over the rows of a view."""
