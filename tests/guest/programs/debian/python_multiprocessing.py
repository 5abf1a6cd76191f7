# SPDX-License-Identifier: BSD-2-Clause
"""Pools, queues, semaphores, shared memory and managers, by fork, spawn and forkserver."""
import multiprocessing as mp
import os
import signal
import time
from multiprocessing import shared_memory


def square(number):
    return number * number


def count(value, lock):
    for _ in range(200):
        with lock:
            value.value += 1


def echo(connection, inbox, outbox):
    connection.send(connection.recv() * 2)
    outbox.put(inbox.get()[::-1])


def sleep_long():
    time.sleep(100)


def fill(name):
    segment = shared_memory.SharedMemory(name)
    segment.buf[:5] = b"there"
    segment.close()


def main():
    for method in ("fork", "spawn", "forkserver"):
        context = mp.get_context(method)
        value, lock = context.Value("i", 0, lock=False), context.Lock()
        children = [context.Process(target=count, args=(value, lock)) for _ in range(3)]
        for child in children:
            child.start()
        for child in children:
            child.join()
        print(method, value.value, [child.exitcode for child in children])
    context = mp.get_context("fork")
    with context.Pool(4) as pool:
        print("pool", sum(pool.map(square, range(500), 7)), pool.apply_async(square, (9,)).get(60))
        print("unordered", sorted(pool.imap_unordered(square, range(10))))
    ours, theirs = context.Pipe()
    inbox, outbox = context.Queue(), context.SimpleQueue()
    child = context.Process(target=echo, args=(theirs, inbox, outbox))
    child.start()
    ours.send("ab" * 50000)
    inbox.put([1, 2, 3])
    print("pipe", len(ours.recv()), outbox.get())
    child.join()
    child = context.Process(target=sleep_long)
    child.start()
    child.join(0.1)
    child.terminate()
    child.join()
    print("terminated", child.exitcode == -signal.SIGTERM)
    segment = shared_memory.SharedMemory(create=True, size=10000)
    child = context.Process(target=fill, args=(segment.name,))
    child.start()
    child.join()
    print("shared", bytes(segment.buf[:5]), os.path.exists(f"/dev/shm/{segment.name}"))
    segment.close()
    segment.unlink()
    with context.Manager() as manager:
        table = manager.dict(a=1)
        table["b"] = manager.list([1, 2])
        print("manager", table["a"], list(table["b"]))
    semaphore = context.BoundedSemaphore(2)
    print("semaphore", semaphore.acquire(), semaphore.acquire(), semaphore.acquire(timeout=0.05))


if __name__ == "__main__":
    main()
