"""How a view hangs together: components, cores, triangles, assortativity, balance."""
