"""The Bot API over HTTP, on the same world as MTProto: for an unmodified aiogram."""
