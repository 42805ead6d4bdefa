"""One module per library that the graph benchmark asks the same questions."""
