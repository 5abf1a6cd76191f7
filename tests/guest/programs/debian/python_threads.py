# SPDX-License-Identifier: BSD-2-Clause
"""Threads, queues, events, and what signals do to them."""
import concurrent.futures
import os
import queue
import signal
import sys
import threading
import time

lock, total = threading.Lock(), 0


def add():
    global total
    for _ in range(1000):
        with lock:
            total += 1


threads = [threading.Thread(target=add) for _ in range(20)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("sum", total)

work, done = queue.Queue(10), queue.Queue()


def worker():
    while (item := work.get()) is not None:
        done.put(item * item)


threads = [threading.Thread(target=worker) for _ in range(4)]
for thread in threads:
    thread.start()
for item in range(200):
    work.put(item)
for _ in threads:
    work.put(None)
for thread in threads:
    thread.join()
print("squares", sum(done.get() for _ in range(200)))

barrier = threading.Barrier(5)
order = []
threads = [threading.Thread(target=lambda: order.append(barrier.wait(30))) for _ in range(5)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("barrier", sorted(order))

event = threading.Event()
print("timed out", not event.wait(0.05), lock.acquire(timeout=0.05), lock.acquire(timeout=0.05))
lock.release()
threading.Timer(0.05, event.set).start()
print("set", event.wait(30))

with concurrent.futures.ThreadPoolExecutor(8) as pool:
    print("pool", sum(pool.map(lambda n: len(os.listdir("/proc/self/task")) > 1 and n, range(100))))

caught = []
signal.signal(signal.SIGUSR1, lambda number, frame: caught.append(threading.current_thread().name))
sender = threading.Thread(target=lambda: signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1))
sender.start()
sender.join()
time.sleep(0.01)
print("signal", caught)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
os.kill(os.getpid(), signal.SIGUSR2)
print("sigwait", signal.sigwait({signal.SIGUSR2}).name, signal.sigtimedwait({signal.SIGUSR2}, 0.01))

native = set()
thread = threading.Thread(target=lambda: native.add(threading.get_native_id()))
thread.start()
thread.join()
print("ids", native.isdisjoint({os.getpid()}), threading.get_native_id() == os.getpid())
sys.stdout.flush()
if os.fork() == 0:
    print("child", threading.active_count(), flush=True)
    os._exit(0)
os.wait()
threading.Thread(target=lambda: (time.sleep(0.05), print("daemon may not"))).start()
sys.exit(3)
