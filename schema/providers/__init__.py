"""One module for each provider: the types of its part of the graph."""
