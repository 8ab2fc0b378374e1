from salesbot.cli import app

app()
