"""What spread left behind, read backwards: activation probabilities, networks and sources inferred from cascades."""
