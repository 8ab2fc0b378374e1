"""``python main.py`` is ``python -m salesbot run``."""

from salesbot.cli import run

if __name__ == "__main__":
    run()
