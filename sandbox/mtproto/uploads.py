"""Files on their way in: parts until a message uses them, then media that messages can name again."""

from typing import Any

from sandbox.mtproto.errors import RpcError
from sandbox.world import Media, World

_PART_LIMIT = 512 * 1024


class Uploads:
    def __init__(self, world: World) -> None:
        self._world = world
        self._parts: dict[tuple[int, int], dict[int, bytes]] = {}
        self.media: dict[int, Media] = {}

    def save_part(self, key_id: int, file_id: int, part: int, data: bytes) -> None:
        if not data:
            raise RpcError(400, "FILE_PART_EMPTY")
        if len(data) > _PART_LIMIT:
            raise RpcError(400, "FILE_PART_TOO_BIG")
        self._parts.setdefault((key_id, file_id), {})[part] = data

    def finish(self, key_id: int, file: Any) -> tuple[int, int]:
        """The file an InputFile names, put together: its id in the world, and its size."""
        parts = self._parts.pop((key_id, file.id), {})
        for part in range(file.parts):
            if part not in parts:
                raise RpcError(400, f"FILE_PART_{part}_MISSING")
        data = b"".join(parts[part] for part in range(file.parts))
        return self._world.files.add(data), len(data)

    def find(self, viewer: int, file_id: int) -> Media:
        """The media with this file: uploaded before, or in a message the viewer has."""
        if file_id in self.media:
            return self.media[file_id]
        for message in self._world.box(viewer).messages.values():
            if message.media and message.media.file_id == file_id:
                return message.media
        raise RpcError(400, "MEDIA_INVALID")
