/* SPDX-License-Identifier: BSD-2-Clause */
/* BLOCK, 0x0Bxx: requests to disks. `dev` as in struct stat; `ns` from issue to completion. */
PROVIDER(BLOCK, 0x0B, block, "requests to disks, their time and errors")
EVENT(BLOCK, 0x00, BLOCK_READ, block_read, (u32, dev), (u64, sector), (u32, sectors))
EVENT(BLOCK, 0x01, BLOCK_WRITE, block_write, (u32, dev), (u64, sector), (u32, sectors))
EVENT(BLOCK, 0x02, BLOCK_FLUSH, block_flush, (u32, dev))
EVENT(BLOCK, 0x03, BLOCK_COMPLETE, block_complete, (u32, dev), (u64, sector), (u64, ns))
EVENT(BLOCK, 0x04, BLOCK_ERROR, block_error, (u32, dev), (u64, sector), (u32, error))
