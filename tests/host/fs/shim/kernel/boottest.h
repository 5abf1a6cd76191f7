/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Host: the real header, but with tests in a section that the linker makes the bounds of
 * and that AddressSanitizer leaves unpadded: its name has to be a C identifier.
 */
#ifndef HOST_BOOTTEST_H
#define HOST_BOOTTEST_H
#include_next <kernel/boottest.h>
#undef BOOT_TEST_SECTION
#define BOOT_TEST_SECTION __used __section("boot_tests")
#endif
