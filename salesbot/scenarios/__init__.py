"""A scenario is data: a folder with ``scenario.toml``, ``facts.toml`` and ``prompt.md``."""
