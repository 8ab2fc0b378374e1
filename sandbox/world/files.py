"""The bytes of media, in memory or below the data directory."""

from pathlib import Path


class Files:
    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._held: dict[int, bytes] = {}
        self._last = 0
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            self._last = max((int(p.name) for p in folder.iterdir()), default=0)

    def add(self, data: bytes) -> int:
        """Keep the bytes; the id to find them by."""
        self._last += 1
        if self._folder:
            (self._folder / str(self._last)).write_bytes(data)
        else:
            self._held[self._last] = data
        return self._last

    def get(self, file_id: int) -> bytes | None:
        if self._folder is None:
            return self._held.get(file_id)
        path = self._folder / str(file_id)
        return path.read_bytes() if path.exists() else None
