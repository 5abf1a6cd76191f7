# SPDX-License-Identifier: BSD-2-Clause
"""Mappings: of files and of nothing, shared and private, grown, cut off, protected."""
import ctypes
import mmap
import os
import signal
import struct
import sys

with open("file", "w+b") as file:
    file.write(bytes(range(256)) * 64)
    file.flush()
    shared = mmap.mmap(file.fileno(), 0)
    private = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    reader = mmap.mmap(file.fileno(), 4096, prot=mmap.PROT_READ, offset=4096)
    shared[0:4] = b"abcd"
    private[4:8] = b"efgh"
    file.seek(0)
    print(file.read(8), private[:8], reader[:4], len(shared))
    print(shared.find(b"\xfe\xff\x00"), shared.rfind(b"abcd"), shared.flush())
    os.pwrite(file.fileno(), b"Z", 10)
    print(shared[10:11], private[10:11])
    try:
        reader[0] = 1
    except TypeError as error:
        print(error)
    shared.resize(65536)
    print(os.fstat(file.fileno()).st_size, shared[65535])
    shared.madvise(mmap.MADV_WILLNEED)
    shared.madvise(mmap.MADV_DONTNEED)
    print(shared[0:4])
    if os.fork() == 0:
        shared[100:105] = b"child"
        private[100:105] = b"alone"
        os._exit(0)
    os.wait()
    print(shared[100:105], private[100:105] == b"alone")
    pid = os.fork()
    if pid == 0:
        os.ftruncate(file.fileno(), 0)
        shared[5000]
        os._exit(0)
    print(signal.Signals(os.WTERMSIG(os.waitpid(pid, 0)[1])).name)

anonymous = mmap.mmap(-1, 1 << 20)
if os.fork() == 0:
    anonymous[:8] = struct.pack("q", os.getppid())
    os._exit(0)
os.wait()
print(struct.unpack("q", anonymous[:8])[0] == os.getpid(), sum(anonymous[4096:8192]))
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype, libc.mmap.argtypes = ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_size_t] + [
    ctypes.c_int] * 3 + [ctypes.c_long]
page = libc.mmap(None, 8192, 3, 0x22, -1, 0)
print(libc.mprotect(ctypes.c_void_p(page), 4096, 0), libc.mlock(ctypes.c_void_p(page + 4096), 4096))
pid = os.fork()
if pid == 0:
    ctypes.memset(page, 1, 1)
print(signal.Signals(os.WTERMSIG(os.waitpid(pid, 0)[1])).name)
print(libc.munmap(ctypes.c_void_p(page), 4096), libc.msync(ctypes.c_void_p(page), 4096, 4), os.strerror(ctypes.get_errno()))
print(libc.mmap(None, 0, 3, 0x22, -1, 0) == ctypes.c_void_p(-1).value, os.strerror(ctypes.get_errno()))
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(struct.pack("<2I", 0x52800540, 0xd65f03c0))      # mov w0, #42; ret
print(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))())
big = mmap.mmap(-1, 64 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE)
print(big[-1], sys.getsizeof(big) > 0)
