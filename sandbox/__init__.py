"""A Telegram on this machine: real protocols on loopback, one in-memory world behind them."""
