/* SPDX-License-Identifier: BSD-2-Clause */
/* Classic BPF: what each instruction does, and which programs are refused. */
#include "test.h"
#include <lib/cbpf.h>
#include <lib/errno.h>
#include <string.h>

/* Network order, as packets have it. */
static bool load(const void *data, u32 off, u32 size, u32 *value)
{
	const u8 *bytes = data;

	if (off > 16 || size > 16 - off)
		return false;
	*value = 0;
	for (u32 i = 0; i < size; i++)
		*value = *value << 8 | bytes[off + i];
	return true;
}

static const u8 packet[16] = { 0x45, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xff };

static u32 run(const struct sock_filter *program, u32 len)
{
	u16 scratch[64];

	assert_int_equal(cbpf_check(program, len, scratch), 0);
	return cbpf_run(program, load, packet, sizeof(packet));
}

#define RESULT(...) ({ const struct sock_filter p_[] = { __VA_ARGS__ }; run(p_, ARRAY_SIZE(p_)); })
#define REFUSED(...) ({ \
	const struct sock_filter p_[] = { __VA_ARGS__ }; \
	u16 scratch_[64]; \
	assert_int_equal(cbpf_check(p_, ARRAY_SIZE(p_), scratch_), -EINVAL); \
})
#define OP(code, k)	BPF_STMT(code, k)
#define RET(k)		BPF_STMT(BPF_RET | BPF_K, k)
#define RET_A		BPF_STMT(BPF_RET | BPF_A, 0)

static void loads(void **state)
{
	assert_int_equal(RESULT(RET(7)), 7);
	assert_int_equal(RESULT(OP(BPF_LD | BPF_IMM, 9), RET_A), 9);
	assert_int_equal(RESULT(OP(BPF_LD | BPF_W | BPF_ABS, 1), RET_A), 0x01020304);
	assert_int_equal(RESULT(OP(BPF_LD | BPF_H | BPF_ABS, 1), RET_A), 0x0102);
	assert_int_equal(RESULT(OP(BPF_LD | BPF_B | BPF_ABS, 15), RET_A), 0xff);
	assert_int_equal(RESULT(OP(BPF_LD | BPF_W | BPF_ABS, 13), RET(1)), 0);
	assert_int_equal(RESULT(OP(BPF_LDX | BPF_IMM, 3), OP(BPF_LD | BPF_B | BPF_IND, 4), RET_A), 7);
	assert_int_equal(RESULT(OP(BPF_LDX | BPF_IMM, -1), OP(BPF_LD | BPF_B | BPF_IND, 4), RET_A), 3);
	assert_int_equal(RESULT(OP(BPF_LDX | BPF_B | BPF_MSH, 0), OP(BPF_MISC | BPF_TXA, 0), RET_A), 20);
	assert_int_equal(RESULT(OP(BPF_LD | BPF_W | BPF_LEN, 0), RET_A), 16);
	assert_int_equal(RESULT(OP(BPF_LDX | BPF_W | BPF_LEN, 0), OP(BPF_MISC | BPF_TXA, 0), RET_A), 16);
	assert_int_equal(RESULT(OP(BPF_LD | BPF_IMM, 5), OP(BPF_ST, 15), OP(BPF_LDX | BPF_MEM, 15),
			     OP(BPF_STX, 0), OP(BPF_LD | BPF_MEM, 0), RET_A), 5);
}

static u32 alu(u16 op, u32 a, u32 b)
{
	u32 by_k = RESULT(OP(BPF_LD | BPF_IMM, a), OP((u16)(BPF_ALU | op), b), RET_A);
	u32 by_x = RESULT(OP(BPF_LDX | BPF_IMM, b), OP(BPF_LD | BPF_IMM, a),
		       OP((u16)(BPF_ALU | op | BPF_X), 0), RET_A);

	assert_int_equal(by_k, by_x);
	return by_k;
}

static void arithmetic(void **state)
{
	assert_int_equal(alu(BPF_ADD, 0xffffffff, 3), 2);
	assert_int_equal(alu(BPF_SUB, 1, 3), 0xfffffffe);
	assert_int_equal(alu(BPF_MUL, 0x10001, 0x10001), 0x20001);
	assert_int_equal(alu(BPF_DIV, 17, 5), 3);
	assert_int_equal(alu(BPF_MOD, 17, 5), 2);
	assert_int_equal(alu(BPF_OR, 5, 3), 7);
	assert_int_equal(alu(BPF_AND, 5, 3), 1);
	assert_int_equal(alu(BPF_XOR, 5, 3), 6);
	assert_int_equal(alu(BPF_LSH, 1, 31), 0x80000000);
	assert_int_equal(alu(BPF_RSH, 0x80000000, 31), 1);
	assert_int_equal(RESULT(OP(BPF_LD | BPF_IMM, 1), OP(BPF_ALU | BPF_NEG, 0), RET_A), 0xffffffff);
	/* By X: nothing to divide by ends it, only the low bits shift. */
	assert_int_equal(RESULT(OP(BPF_ALU | BPF_DIV | BPF_X, 0), RET(1)), 0);
	assert_int_equal(RESULT(OP(BPF_ALU | BPF_MOD | BPF_X, 0), RET(1)), 0);
	assert_int_equal(RESULT(OP(BPF_LDX | BPF_IMM, 33), OP(BPF_LD | BPF_IMM, 1),
			     OP(BPF_ALU | BPF_LSH | BPF_X, 0), RET_A), 2);
}

static u32 jump(u16 op, u32 a, u32 b)
{
	return RESULT(OP(BPF_LD | BPF_IMM, a), BPF_JUMP((u16)(BPF_JMP | op | BPF_K), b, 1, 2), RET(0),
		   RET(1), RET(2));
}

static void jumps(void **state)
{
	assert_int_equal(jump(BPF_JEQ, 5, 5), 1);
	assert_int_equal(jump(BPF_JEQ, 5, 6), 2);
	assert_int_equal(jump(BPF_JGT, 0x80000000, 1), 1);
	assert_int_equal(jump(BPF_JGT, 5, 5), 2);
	assert_int_equal(jump(BPF_JGE, 5, 5), 1);
	assert_int_equal(jump(BPF_JGE, 4, 5), 2);
	assert_int_equal(jump(BPF_JSET, 6, 4), 1);
	assert_int_equal(jump(BPF_JSET, 6, 1), 2);
	assert_int_equal(RESULT(OP(BPF_JMP | BPF_JA, 1), RET(0), RET(3)), 3);
	assert_int_equal(RESULT(OP(BPF_LDX | BPF_IMM, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 9, 0, 1),
			     RET(1), RET(2)), 1);
}

static void refused(void **state)
{
	u16 scratch[4];
	const struct sock_filter ret = RET(0);

	assert_int_equal(cbpf_check(&ret, 0, scratch), -EINVAL);
	assert_int_equal(cbpf_check(&ret, BPF_MAXINSNS + 1, scratch), -EINVAL);
	REFUSED(OP(BPF_LD | BPF_IMM, 0));
	REFUSED(OP(BPF_JMP | BPF_JA, 1), RET(0));
	REFUSED(OP(BPF_JMP | BPF_JA, 0xffffffff), RET(0));
	REFUSED(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), RET(0));
	REFUSED(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), RET(0));
	REFUSED(OP(BPF_ST, 16), RET(0));
	REFUSED(OP(BPF_LD | BPF_MEM, 0), RET(0));
	REFUSED(OP(BPF_ALU | BPF_DIV | BPF_K, 0), RET(0));
	REFUSED(OP(BPF_ALU | BPF_RSH | BPF_K, 32), RET(0));
	REFUSED(OP(BPF_ALU | 0xb0, 0), RET(0));
	REFUSED(OP(BPF_JMP | 0x50, 0), RET(0));
	REFUSED(OP(BPF_LD | 0x18, 0), RET(0));
	REFUSED(OP(BPF_RET | 0x18, 0));
	REFUSED(OP(0x100 | BPF_ALU, 0), RET(0));
	/* One of two ways writes the word, or both of them do. */
	REFUSED(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), OP(BPF_ST, 3), OP(BPF_LD | BPF_MEM, 3),
		RET(0));
	assert_int_equal(RESULT(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 2), OP(BPF_ST, 3),
			     OP(BPF_JMP | BPF_JA, 2), OP(BPF_LD | BPF_IMM, 8), OP(BPF_ST, 3),
			     OP(BPF_LD | BPF_MEM, 3), RET_A), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads),
		cmocka_unit_test(arithmetic),
		cmocka_unit_test(jumps),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
