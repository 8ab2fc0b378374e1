"""The proof: the product is broken from outside, and an oracle that shares no code with it counts what went wrong."""
