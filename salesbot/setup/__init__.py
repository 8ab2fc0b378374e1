"""``salesbot configure``: the settings are asked for one by one, and each is tried before it is kept."""
