"""A dialogue agent for Telegram: a user account talks, a language model writes, a person watches and may step in."""

__version__ = "0.1.0"
