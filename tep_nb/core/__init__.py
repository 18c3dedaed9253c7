"""Values and rules: the standard library and networkx, no I/O, no async."""
