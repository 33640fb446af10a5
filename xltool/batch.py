"""Many files to results, in processes that may die: a file that kills its reader is one finding, and no other suffers.

A pool of the standard library is broken for good when one of its processes is killed. Here each worker says which
file it has done, so that the one it died of is known, and a new worker goes on behind it. Results come in the order
of the files and are the same for any number of workers.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol

from xltool import jsons
from xltool.read.limits import SAFE, Limits
from xltool.read.refusal import Unreadable
from xltool.speech import say

Result = dict[str, Any]

#: So many files are handed to a worker at a time.
_CHUNK = 32

#: A worker watches the clock itself where it can; the parent's patience is a little longer than the limit.
_PATIENCE = 1.0


class Source(Protocol):
    """Where the bytes of a workbook come from."""

    @property
    def name(self) -> str:
        """Its name, for the result."""

    def read(self) -> bytes:
        """Its bytes.

        Raises:
            Unreadable: it gives none.
        """


def results(sources: Sequence[Source], jobs: int = 1, limits: Limits = SAFE) -> Iterator[Result]:
    """The results of every source, in their order; of a workbook with several forms, several.

    Args:
        sources: where the bytes come from; they are read in the workers.
        jobs: how many workers at a time.
        limits: seconds and memory for each file.
    """
    from xltool import pipeline

    pipeline.warm()
    pool = _Pool(sources, limits)
    try:
        yield from pool.run(jobs)
    finally:
        pool.close()


def results_of(source: Source) -> list[Result]:
    """Read and check one source in this process, whatever that may cost: a result for each form in it.

    Raises:
        Exception: a fault of ours; ``results`` makes a finding of it.
    """
    from xltool import pipeline

    try:
        content = source.read()
    except Unreadable as error:
        return [pipeline.result_of_unread(source.name, error.reason, key=error.key)]
    return pipeline.results_of_workbook(content, source.name)


def _guarded(source: Source) -> tuple[list[Result], bool]:
    """Results whatever happens, and whether this process may go on."""
    from xltool import pipeline

    try:
        return results_of(source), True
    except MemoryError:
        return [pipeline.result_of_unread(source.name, "", key="memory")], False
    except _TooSlow:
        return [pipeline.result_of_unread(source.name, "", key="slow")], False
    except Exception as error:  # our fault, yet the other forms of the batch must not suffer for it
        fault = say("程序内部错误", "internal error")
        content = b""
        with contextlib.suppress(Exception):
            content = source.read()
        return [pipeline.result_of_unread(source.name, f"{fault} {type(error).__name__}", content)], True


class _TooSlow(BaseException):
    """The clock of one file ran out; no ``except Exception`` may swallow it."""


# ── the worker's side ───────────────────────────────────────────


def _work(connection: Connection, theirs: Connection, parent: int, sources: Sequence[Source], limits: Limits) -> None:
    """Answer for one range of sources after another, a message for each, until told to stop."""
    theirs.close()  # a fork inherits the parent's end, and would wait for itself for ever
    _limit(limits)
    with contextlib.suppress(EOFError, OSError, BrokenPipeError):
        while True:
            # nor does it end where a younger sibling has inherited it: a parent that was killed is seen by its number
            while not connection.poll(1):
                if os.getppid() != parent:
                    return
            start, stop = connection.recv()
            for index in range(start, stop):
                _set_clock(limits.seconds)
                found, sound = _guarded(sources[index])
                _set_clock(0)
                connection.send_bytes(jsons.dumps(found).encode("utf-8"))
                if not sound:
                    return


def _limit(limits: Limits) -> None:
    """Limits that the system enforces, where it can; an interrupt is the parent's to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _ring)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource
        from pathlib import Path

        used = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
        most = used + limits.memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _ring(*_: object) -> None:
    raise _TooSlow


def _set_clock(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


# ── the parent's side ───────────────────────────────────────────


class _Worker:
    """A process with the range of sources that it has not answered for yet."""

    def __init__(self, sources: Sequence[Source], limits: Limits) -> None:
        # fork brings along everything that is loaded; where it is not safe (macOS) or not there, start afresh
        context: Any = multiprocessing.get_context("fork" if sys.platform.startswith("linux") else "spawn")
        self.connection, theirs = context.Pipe()
        given = (theirs, self.connection, os.getpid(), sources, limits)
        self.process = context.Process(target=_work, args=given, daemon=True)
        self.process.start()
        theirs.close()
        self.todo = range(0)
        self.since = 0.0

    def begin(self, chunk: range) -> None:
        self.todo, self.since = chunk, time.monotonic()
        with contextlib.suppress(OSError):  # it died just now: the next message says so
            self.connection.send((chunk.start, chunk.stop))

    def end(self) -> None:
        self.connection.close()
        self.process.kill()
        self.process.join()


class _Pool:
    """The workers, what is left to do, and the answers that wait for their turn."""

    def __init__(self, sources: Sequence[Source], limits: Limits) -> None:
        self._sources, self._limits = sources, limits
        self._workers: list[_Worker] = []
        self._chunks: deque[range] = deque()
        self._done: dict[int, list[Result]] = {}
        self._suspects: set[int] = set()

    def run(self, jobs: int) -> Iterator[Result]:
        number = len(self._sources)
        size = max(1, min(_CHUNK, number // max(1, jobs * 4)))
        self._chunks.extend(range(start, min(start + size, number)) for start in range(0, number, size))
        following = 0
        while following < number:
            self._hand_out(jobs)
            self._take_in()
            while following in self._done:
                yield from self._done.pop(following)
                following += 1

    def close(self) -> None:
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def _hand_out(self, jobs: int) -> None:
        for worker in self._workers:
            if not worker.todo and self._chunks:
                worker.begin(self._chunks.popleft())
        while self._chunks and len(self._workers) < jobs:
            worker = _Worker(self._sources, self._limits)
            self._workers.append(worker)
            worker.begin(self._chunks.popleft())

    def _take_in(self) -> None:
        busy = {worker.connection: worker for worker in self._workers if worker.todo}
        ready = wait(list(busy), timeout=0.2)
        for connection in ready:
            assert isinstance(connection, Connection)
            self._hear(busy[connection])
        now = time.monotonic()
        for worker in [one for one in busy.values() if one.connection not in ready]:
            if now - worker.since > self._limits.seconds + _PATIENCE:
                self._replace(worker, "slow")

    def _hear(self, worker: _Worker) -> None:
        try:
            message = worker.connection.recv_bytes()
        except (EOFError, OSError):
            worker.process.join(1)
            self._replace(worker, "" if worker.process.exitcode == 0 else "died")
            return
        self._done[worker.todo[0]] = jsons.loads(message)
        worker.todo, worker.since = worker.todo[1:], time.monotonic()

    def _replace(self, worker: _Worker, key: str) -> None:
        """Take a worker out that stopped, for a reason of its own or because of the file it was at."""
        from xltool.pipeline import result_of_unread

        self._workers.remove(worker)
        worker.end()
        todo = worker.todo
        if key == "died" and todo[0] not in self._suspects:
            # Perhaps it only died of what the files before had left behind: once more, in a new process.
            self._suspects.add(todo[0])
            self._chunks.extendleft(part for part in (todo[1:], todo[:1]) if part)
            return
        if key:
            self._done[todo[0]] = [result_of_unread(self._sources[todo[0]].name, "", key=key)]
            todo = todo[1:]
        if todo:
            self._chunks.appendleft(todo)
