"""Emulators of the upstreams: what every one of them shares."""
