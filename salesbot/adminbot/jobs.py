"""What takes longer than an answer and runs beside the other commands: exports."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

from loguru import logger


class Jobs:
    """Named tasks that are kept, whose failures are logged, and that ``stop`` ends and awaits."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, name: str, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def stop(self) -> None:
        """Cancel what runs and wait until it is gone."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.bind(job=task.get_name()).opt(exception=error).error("a job failed")
