/* SPDX-License-Identifier: BSD-2-Clause */
/* What programs see of a frame: its bytes in network order, and some of what is known beside it. */
#include <kernel/cbpf.h>
#include <lib/byteorder.h>
#include <linux/if_ether.h>
#include <net/backend.h>
#include "filter.h"

struct packet_filter {
	u32		   len;
	struct sock_filter program[];
};

struct seen_frame {
	const struct netdev_frame *f;
	const struct sockaddr_ll  *name;
	u32			   skip;	/* where offset 0 is */
};

static bool load_bytes(const struct seen_frame *s, u32 off, u32 size, u32 *value)
{
	u8 bytes[4];

	if (off > s->f->len || size > s->f->len - off)
		return false;
	netdev_frame_copy(s->f, off, bytes, size);
	*value = 0;
	for (u32 i = 0; i < size; i++)
		*value = *value << 8 | bytes[i];
	return true;
}

/* Facts beside the bytes: offsets from SKF_AD_OFF on. False: there is no such fact. */
static bool load_fact(const struct sockaddr_ll *name, u32 what, u32 *value)
{
	switch (what) {
	case SKF_AD_PROTOCOL:
		*value = be16_to_cpu(name->sll_protocol);
		return true;
	case SKF_AD_PKTTYPE:
		*value = name->sll_pkttype;
		return true;
	case SKF_AD_IFINDEX:
		*value = (u32)name->sll_ifindex;
		return true;
	case SKF_AD_HATYPE:
		*value = name->sll_hatype;
		return true;
	case SKF_AD_VLAN_TAG:           /* tags are part of the frame here */
	case SKF_AD_VLAN_TAG_PRESENT:
		*value = 0;
		return true;
	}
	return false;
}

static bool load(const void *data, u32 off, u32 size, u32 *value)
{
	const struct seen_frame *s = data;

	if (off >= (u32)SKF_AD_OFF)
		return load_fact(s->name, off - (u32)SKF_AD_OFF, value);
	if (off >= (u32)SKF_NET_OFF)
		return load_bytes(s, ETH_HLEN + off - (u32)SKF_NET_OFF, size, value);
	if (off >= (u32)SKF_LL_OFF)
		return load_bytes(s, off - (u32)SKF_LL_OFF, size, value);
	return off <= U16_MAX && load_bytes(s, s->skip + off, size, value);
}

/* A program that asks for a fact that nobody can tell is refused rather than run to 0. */
static bool facts_known(const struct sock_filter *program, u32 len)
{
	static const struct sockaddr_ll none;
	u32 value;

	for (u32 i = 0; i < len; i++)
		if (BPF_CLASS(program[i].code) == BPF_LD && BPF_MODE(program[i].code) == BPF_ABS &&
		    program[i].k >= (u32)SKF_AD_OFF &&
		    !load_fact(&none, program[i].k - (u32)SKF_AD_OFF, &value))
			return false;
	return true;
}

struct packet_filter *packet_filter_make(const void *fprog, u32 len)
{
	const struct sock_fprog *prog = fprog;
	struct packet_filter *filter;
	int err;

	if (len != sizeof(*prog) || !prog->len || prog->len > BPF_MAXINSNS)
		return ERR_PTR(-EINVAL);
	filter = kvmalloc(sizeof(*filter) + prog->len * sizeof(struct sock_filter), GFP_KERNEL);
	if (!filter)
		return ERR_PTR(-ENOMEM);
	filter->len = prog->len;
	err = cbpf_from_user(filter->program, (void __user *)prog->filter, prog->len);
	if (!err && !facts_known(filter->program, prog->len))
		err = -EINVAL;
	if (!err)
		return filter;
	kvfree(filter);
	return ERR_PTR(err);
}

void packet_filter_free(struct packet_filter *filter)
{
	kvfree(filter);
}

u32 packet_filter_run(const struct packet_filter *filter, const struct netdev_frame *f, u32 skip,
		      u32 n, const struct sockaddr_ll *name)
{
	struct seen_frame s = { f, name, skip };

	return min(cbpf_run(filter->program, load, &s, n), n);
}
