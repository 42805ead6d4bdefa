"""Ways through a view: the fewest steps, and the earliest arrival along edges in order of time."""
