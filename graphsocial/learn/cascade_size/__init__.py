"""How many more will follow: size of a cascade from its first hours."""
