"""Who had an item before whom: adoptions, exposures, and the trees that they suggest."""
