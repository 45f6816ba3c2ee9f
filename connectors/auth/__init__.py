"""How a request proves who sends it: one small class for each scheme, chosen by an upstream's manifest."""
