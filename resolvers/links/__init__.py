"""One module for each pair of providers that have something in common."""
