"""Small patterns of edges in order of time."""
