/* SPDX-License-Identifier: BSD-2-Clause */
/* A driver's calls mixed with a device's lies, both as the input says. */
#include "device.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct bench *b;

	if (!size)
		return 0;
	b = bench_new(data[0] & 1);
	for (size_t i = 1; i + 5 <= size; i += 5) {
		switch (data[i] % 8) {
		case 0:
		case 1:
			if (b->nr_busy < CHAINS)
				drive_add(b, data[i + 1] % 3, 1 + data[i + 2] % 2, 1 + data[i + 3] % PIECE_MAX);
			break;
		case 2:
			virtqueue_kick(&b->vq);
			break;
		case 3:
			drive_get(b);
			break;
		case 4:
			virtqueue_irq_on(&b->vq, 1 + data[i + 1] % RING_NUM);
			break;
		default:
			device_lie(b, data + i + 1);
		}
	}
	bench_free(b);
	return 0;
}
