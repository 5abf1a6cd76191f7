/* SPDX-License-Identifier: BSD-2-Clause */
/* BOOTTEST, 0x07xx: the tests that run inside the kernel. */
PROVIDER(BOOTTEST, 0x07, boottest, "progress and verdicts of the boot tests")
EVENT(BOOTTEST, 0x00, BOOTTEST_REGISTER, boottest_register, (u32, count))
EVENT(BOOTTEST, 0x01, BOOTTEST_START, boottest_start, (u32, index))
EVENT(BOOTTEST, 0x02, BOOTTEST_PASS, boottest_pass, (u32, index))
EVENT(BOOTTEST, 0x03, BOOTTEST_FAIL, boottest_fail, (u32, index))
EVENT(BOOTTEST, 0x04, BOOTTEST_SKIP, boottest_skip, (u32, index))
EVENT(BOOTTEST, 0x05, BOOTTEST_TIMEOUT, boottest_timeout, (u32, index))
