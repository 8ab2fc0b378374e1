"""The rules of a dialogue, without I/O: nothing in this package imports from the rest of salesbot."""
