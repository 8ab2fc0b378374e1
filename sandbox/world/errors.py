"""What the world refuses, in Telegram's own words: both protocols translate from here."""


class WorldError(Exception):
    """A refusal with Telegram's numeric code and its text, for example ``400 MESSAGE_EMPTY``."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text


class RandomIdRepeated(WorldError):
    """This ``random_id`` was used before; ``message_id`` is what it made, in the sender's own box."""

    def __init__(self, message_id: int) -> None:
        super().__init__(500, "RANDOM_ID_DUPLICATE")
        self.message_id = message_id


def bad_request(text: str) -> WorldError:
    return WorldError(400, text)


def forbidden(text: str) -> WorldError:
    return WorldError(403, text)
