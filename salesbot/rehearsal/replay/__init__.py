"""``salesbot replay N``: what would be said now beside what was said, at each turn of a stored dialogue."""
