"""A learned alignment of texts and pictures: one space in which either finds the other."""
