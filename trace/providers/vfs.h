/* SPDX-License-Identifier: BSD-2-Clause */
/* VFS, 0x0Axx: files. `ret` is the number of bytes, or a negative errno. */
PROVIDER(VFS, 0x0A, vfs, "opening, closing, reading and writing of files")
EVENT(VFS, 0x00, VFS_OPEN, vfs_open, (u32, pid), (u64, ino))
EVENT(VFS, 0x01, VFS_CLOSE, vfs_close, (u32, pid), (u64, ino))
EVENT(VFS, 0x02, VFS_READ, vfs_read, (u32, ret), (u64, ino))
EVENT(VFS, 0x03, VFS_WRITE, vfs_write, (u32, ret), (u64, ino))
