/* SPDX-License-Identifier: BSD-2-Clause */
/* libFuzzer: any bytes from the wire, and any bytes to it. */
#include <stdlib.h>
#include "telnet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct telnet_keys keys = { 3, 28, 26, 4, 127, 21 };
	struct telnet t;
	uint8_t out[32];
	size_t used, done = 0;

	telnet_init(&t, size & 1);
	for (size_t i = 0; i < size; i++) {
		size_t before;

		if (i % 7 == 0)
			t.reply_len = 0;
		before = t.reply_len;
		telnet_receive(&t, data[i], &keys);
		if (t.reply_len - before > TELNET_REPLY_MAX || t.reply_len > sizeof(t.reply) ||
		    t.sb_len > sizeof(t.sb))
			abort();
	}
	while (done < size) {
		if (telnet_show(&t, data + done, size - done, &used, out, sizeof(out)) > sizeof(out) || !used)
			abort();
		done += used;
	}
	return 0;
}
