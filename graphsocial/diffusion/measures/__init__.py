"""measures/: what can be counted and timed in a CascadeSet, one measure per file."""
