/* SPDX-License-Identifier: BSD-2-Clause */
/* MM, 0x04xx: page faults, page allocation and address-space upkeep. */
PROVIDER(MM, 0x04, mm, "page faults, page allocation, TLB flushes, out of memory")
EVENT(MM, 0x00, PAGE_FAULT, page_fault, (u32, access), (u64, addr))
EVENT(MM, 0x01, TLB_FLUSH, tlb_flush, (u32, pages))
EVENT(MM, 0x02, PAGE_ALLOC, page_alloc, (u32, order), (u64, pfn))
EVENT(MM, 0x03, PAGE_FREE, page_free, (u32, order), (u64, pfn))
EVENT(MM, 0x04, OOM, oom, (u32, pid))
