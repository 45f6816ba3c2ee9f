"""What clients see: types, scalars, Relay, execution. No I/O, no HTTP, nothing about upstreams."""
