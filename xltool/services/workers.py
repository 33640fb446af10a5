"""Work in processes that may die: what kills one is the failure of one task, and no other task suffers.

A pool of the standard library is broken for good when one of its processes is killed. Here each worker says which
task it has done, so that the one it died of is known, and a new worker goes on behind it. Answers come in the order of
the tasks. A failure counts only where it was the first task of its worker: whether a task fails never depends on those
before it, on their order, or on the number of workers.

Processes are forked while this one has a single thread. A library that replaces them from threads of its own (pebble)
meets what CPython from 3.12 on warns of: a fork of many threads may hang, just where a process has died.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, TypeVar

from xltool.support.templates import Templates, current_templates, using
from xltool.workbook.limits import SAFE, Limits

T = TypeVar("T")

#: So many tasks are handed to a worker at a time.
_CHUNK = 32

#: A worker counts its own processor time, which a busy machine does not change; the parent looks at the wall clock, for
#: those that wait for something or cannot count, and is so many times as patient, with those that do something again.
_PATIENCE, _PATIENCE_BUSY = 2.5, 5

#: A worker that has grown by this share of what a task may take ends, so that the next has room; a new one goes on.
_GROWN = 0.8

#: When garbage is looked for: what a form leaves behind is little beside what is remembered, which takes long to walk.
_COLLECTED = (20_000, 20, 20)

#: What a message begins with: an answer, a failure, or the end of a worker that has not failed.
_ANSWER, _FAILURE, _END = b"A", b"F", b"E"


@dataclass(frozen=True)
class Failure:
    """Why a task has no answer.

    Attributes:
        key: ``memory`` or ``slow``, past a limit; ``died``, its process; ``fault``, of ours.
        fault: the type of our fault; else "".
    """

    key: str
    fault: str = ""


def run_tasks(
    tasks: Sequence[T],
    work: Callable[[T], bytes],
    jobs: int = 1,
    limits: Limits = SAFE,
    templates: Templates | None = None,
) -> Generator[bytes | Failure, None, None]:
    """Yield the result of ``work`` for every task, in order.

    Args:
        tasks: whatever a process can be given.
        work: a function of a module; it is called in the workers.
        jobs: how many workers at a time.
        limits: seconds and memory for each task.
        templates: the owner of definitions and caches under which the workers work; where they are forked, with all
            that it has. The present one where none is named.
    """
    pool = _Pool(tasks, work, limits, templates or current_templates())
    try:
        yield from pool.run(jobs)
    finally:
        pool.close()


class _TooSlow(BaseException):
    """The clock of one task ran out; no ``except Exception`` may swallow it."""


# ── the worker's side ───────────────────────────────────────────


def _run_worker(
    connection: Connection, theirs: Connection, parent: int, tasks: Sequence[Any], work: Callable[[Any], bytes],
    limits: Limits, templates: Templates,
) -> None:  # fmt: skip
    """Process one range of tasks after another, sending a message per task, until told to stop."""
    theirs.close()  # a fork inherits the parent's end, and would wait for itself for ever
    gc.freeze()  # what the parent has is nobody's garbage
    gc.set_threshold(*_COLLECTED)
    most = _limit(limits)
    is_first = True
    with using(templates), contextlib.suppress(EOFError, OSError, BrokenPipeError):
        while True:
            # nor does it end where a younger sibling has inherited it: a parent that was killed is seen by its number
            while not connection.poll(1):
                if os.getppid() != parent:
                    return
            start, stop = connection.recv()
            for index in range(start, stop):
                answer = _run_task(work, tasks[index], limits.seconds)
                failed = isinstance(answer, Failure)
                if not failed or is_first:
                    connection.send_bytes(_message(answer))
                if failed or _address_space() > most:
                    connection.send_bytes(_END)
                    return
                is_first = False


def _run_task(work: Callable[[T], bytes], task: T, seconds: float) -> bytes | Failure:
    """The answer, or why there is none, whatever happens."""
    try:
        _set_clock(seconds)
        answer = work(task)
        _set_clock(0)
        return answer
    except MemoryError:
        found = Failure("memory")
    except _TooSlow:
        found = Failure("slow")
    except Exception as error:  # our fault, yet the other tasks must not suffer for it
        found = Failure("fault", type(error).__name__)
    _set_clock(0)
    return found


def _message(answer: bytes | Failure) -> bytes:
    return _FAILURE + f"{answer.key} {answer.fault}".encode() if isinstance(answer, Failure) else _ANSWER + answer


def _limit(limits: Limits) -> float:
    """Limits that the system enforces, where it can; an interrupt is the parent's to answer.

    Returns:
        The bytes at which the worker should end.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "SIGPROF"):
        signal.signal(signal.SIGPROF, _ring)
    used = _address_space()
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        if used:
            most = used + limits.memory_bytes
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return used + _GROWN * limits.memory_bytes


def _address_space() -> int:
    """The bytes of this process's address space, which the system limits; 0 if unknown."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _ring(*_: object) -> None:
    raise _TooSlow


def _set_clock(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


# ── the parent's side ───────────────────────────────────────────


class _Worker:
    """A process with the range of tasks that it has not answered for yet."""

    def __init__(
        self, tasks: Sequence[Any], work: Callable[[Any], bytes], limits: Limits, templates: Templates
    ) -> None:
        # fork brings along everything that is loaded; where it is not safe (macOS) or not there, start afresh
        context: Any = multiprocessing.get_context("fork" if sys.platform.startswith("linux") else "spawn")
        self.connection, theirs = context.Pipe()
        given = (theirs, self.connection, os.getpid(), tasks, work, limits, templates)
        self.process = context.Process(target=_run_worker, args=given, daemon=True)
        self.process.start()
        theirs.close()
        self.todo = range(0)
        self.since = 0.0

    def begin(self, chunk: range) -> None:
        self.todo, self.since = chunk, time.monotonic()
        with contextlib.suppress(OSError):  # it died just now: the next message says so
            self.connection.send((chunk.start, chunk.stop))

    def is_late(self, seconds: float) -> bool:
        """Whether it has exceeded the time limit by the wall clock."""
        late = time.monotonic() - self.since - seconds * _PATIENCE
        return late > 0 and (late > seconds * _PATIENCE * _PATIENCE_BUSY or not self._is_busy())

    def _is_busy(self) -> bool:
        """Whether it is running or waits only for a processor."""
        try:
            about = Path(f"/proc/{self.process.pid}/stat").read_bytes()
        except OSError:
            return False
        return about.rpartition(b")")[2].split()[:1] == [b"R"]

    def end(self) -> None:
        self.connection.close()
        self.process.kill()
        self.process.join()


class _Pool:
    """The workers, what is left to do, and the answers that wait for their turn."""

    def __init__(
        self, tasks: Sequence[Any], work: Callable[[Any], bytes], limits: Limits, templates: Templates
    ) -> None:
        self._tasks, self._work, self._limits, self._templates = tasks, work, limits, templates
        self._workers: list[_Worker] = []
        self._chunks: deque[range] = deque()
        self._done: dict[int, bytes | Failure] = {}
        self._suspects: set[int] = set()

    def run(self, jobs: int) -> Iterator[bytes | Failure]:
        number = len(self._tasks)
        size = max(1, min(_CHUNK, number // max(1, jobs * 4)))
        self._chunks.extend(range(start, min(start + size, number)) for start in range(0, number, size))
        following = 0
        while following < number:
            self._assign(jobs)
            self._collect()
            while following in self._done:
                yield self._done.pop(following)
                following += 1

    def close(self) -> None:
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def _assign(self, jobs: int) -> None:
        for worker in self._workers:
            if not worker.todo and self._chunks:
                worker.begin(self._chunks.popleft())
        while self._chunks and len(self._workers) < jobs:
            self._start(self._chunks.popleft())

    def _start(self, chunk: range) -> None:
        worker = _Worker(self._tasks, self._work, self._limits, self._templates)
        self._workers.append(worker)
        worker.begin(chunk)

    def _collect(self) -> None:
        busy = {worker.connection: worker for worker in self._workers if worker.todo}
        ready = wait(list(busy), timeout=0.2)
        for connection in ready:
            assert isinstance(connection, Connection)
            self._receive(busy[connection])
        for worker in [one for one in busy.values() if one.connection not in ready]:
            if worker.is_late(self._limits.seconds):
                self._done[worker.todo[0]] = Failure("slow")
                self._replace(worker, worker.todo[1:])

    def _receive(self, worker: _Worker) -> None:
        try:
            message = worker.connection.recv_bytes()
        except (EOFError, OSError):
            self._retry_or_fail(worker)
            return
        kind, answer = message[:1], message[1:]
        if kind == _END:
            self._replace(worker, worker.todo)
            return
        key, _, fault = answer.decode().partition(" ") if kind == _FAILURE else ("", "", "")
        self._done[worker.todo[0]] = Failure(key, fault) if kind == _FAILURE else answer
        worker.todo, worker.since = worker.todo[1:], time.monotonic()

    def _retry_or_fail(self, worker: _Worker) -> None:
        """A worker died: perhaps only of what the tasks before had left behind, so once more in a new process."""
        first = worker.todo[0]
        if first not in self._suspects:
            self._suspects.add(first)
            self._replace(worker, worker.todo)
        else:
            self._done[first] = Failure("died")
            self._replace(worker, worker.todo[1:])

    def _replace(self, worker: _Worker, todo: range) -> None:
        """Take a worker out that stopped; a new one begins with what it has left."""
        self._workers.remove(worker)
        worker.end()
        if todo:
            self._start(todo)
