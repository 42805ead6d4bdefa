"""Class of a post from its words, pictures and other tokens, with floors, grouped folds and paired differences."""
