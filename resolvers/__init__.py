"""The only bridge between the graph and the upstreams: how a field gets its value."""
