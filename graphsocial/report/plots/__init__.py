"""plots/: one picture per file, each a function from plain values to a `Plot`, or from cascades to a `Figure`."""
