/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options in C expressions. Included before every file, after <generated/autoconf.h>.
 *
 * IS_ENABLED(option) is 1 where the option is on and 0 where it is off, so that `if` can ask
 * and code for options that are off is still compiled, checked, and thrown away.
 */
#ifndef LIB_KCONFIG_H
#define LIB_KCONFIG_H

/*
 * An option that is on is a macro for 1: pasted behind KCONFIG_COMMA_ it becomes another
 * argument, which shifts the 1 into second place. One that is off pastes to nonsense.
 */
#define KCONFIG_COMMA_1 0,
#define KCONFIG_SECOND(ignored, value, ...) value
#define KCONFIG_TEST(comma_or_junk) KCONFIG_SECOND(comma_or_junk 1, 0, 0)
#define KCONFIG_PASTE(value) KCONFIG_TEST(KCONFIG_COMMA_##value)
#define IS_ENABLED(option) KCONFIG_PASTE(option)

#endif
