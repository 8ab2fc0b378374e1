"""A scenario is data: a folder with ``scenario.toml``, ``prompt.md`` and ``facts.md``."""
