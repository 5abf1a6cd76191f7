/* SPDX-License-Identifier: BSD-2-Clause */
/* The checker and the interpreter of classic BPF; which programs pass is as Linux has it. */
#include <lib/cbpf.h>
#include <lib/errno.h>
#include <lib/string.h>

/* Is the code one of the language? An operand of its own meaning (K) is not looked at. */
static bool known_code(u16 code)
{
	switch (code) {
	case BPF_LD | BPF_W | BPF_ABS:
	case BPF_LD | BPF_H | BPF_ABS:
	case BPF_LD | BPF_B | BPF_ABS:
	case BPF_LD | BPF_W | BPF_IND:
	case BPF_LD | BPF_H | BPF_IND:
	case BPF_LD | BPF_B | BPF_IND:
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LD | BPF_IMM:
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_B | BPF_MSH:
	case BPF_LDX | BPF_IMM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
	case BPF_MISC | BPF_TAX:
	case BPF_MISC | BPF_TXA:
	case BPF_RET | BPF_K:
	case BPF_RET | BPF_A:
	case BPF_ALU | BPF_NEG:
	case BPF_JMP | BPF_JA:
		return true;
	}
	switch (BPF_CLASS(code)) {
	case BPF_ALU:
		return !(code & ~0xff) && (BPF_OP(code) <= BPF_RSH || BPF_OP(code) == BPF_MOD ||
					   BPF_OP(code) == BPF_XOR);
	case BPF_JMP:
		return !(code & ~0xff) && BPF_OP(code) >= BPF_JEQ && BPF_OP(code) <= BPF_JSET;
	}
	return false;
}

static bool uses_memory(u16 code)
{
	return code == (BPF_LD | BPF_MEM) || code == (BPF_LDX | BPF_MEM) || code == BPF_ST ||
	       code == BPF_STX;
}

/* Operands; `left` instructions follow. */
static bool operands_valid(const struct sock_filter *insn, u32 left)
{
	u16 code = insn->code;

	if (uses_memory(code))
		return insn->k < BPF_MEMWORDS;
	if (BPF_CLASS(code) == BPF_ALU && BPF_SRC(code) == BPF_K) {
		if (BPF_OP(code) == BPF_DIV || BPF_OP(code) == BPF_MOD)
			return insn->k != 0;
		if (BPF_OP(code) == BPF_LSH || BPF_OP(code) == BPF_RSH)
			return insn->k < 32;
	}
	if (code == (BPF_JMP | BPF_JA))
		return insn->k < left;
	if (BPF_CLASS(code) == BPF_JMP)
		return insn->jt < left && insn->jf < left;
	return true;
}

/*
 * Is each word of memory written before it is read, whatever the way there? written[i]: the
 * words that all ways to instruction i have written. Jumps go forward, so one pass tells.
 */
static bool memory_valid(const struct sock_filter *program, u32 len, u16 *written)
{
	u16 now = 0;

	memset(written, 0xff, len * sizeof(*written));
	for (u32 pc = 0; pc < len; pc++) {
		const struct sock_filter *insn = &program[pc];

		now &= written[pc];
		if (insn->code == BPF_ST || insn->code == BPF_STX) {
			now |= (u16)(1u << insn->k);
		} else if (uses_memory(insn->code)) {
			if (!(now & (1u << insn->k)))
				return false;
		} else if (insn->code == (BPF_JMP | BPF_JA)) {
			written[pc + 1 + insn->k] &= now;
			now = 0xffff;
		} else if (BPF_CLASS(insn->code) == BPF_JMP) {
			written[pc + 1 + insn->jt] &= now;
			written[pc + 1 + insn->jf] &= now;
			now = 0xffff;
		}
	}
	return true;
}

int cbpf_check(const struct sock_filter *program, u32 len, u16 *scratch)
{
	if (!len || len > BPF_MAXINSNS)
		return -EINVAL;
	for (u32 pc = 0; pc < len; pc++)
		if (!known_code(program[pc].code) || !operands_valid(&program[pc], len - pc - 1))
			return -EINVAL;
	if (BPF_CLASS(program[len - 1].code) != BPF_RET)
		return -EINVAL;
	return memory_valid(program, len, scratch) ? 0 : -EINVAL;
}

static u32 alu(u16 op, u32 a, u32 b)
{
	switch (op) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_MUL:
		return a * b;
	case BPF_DIV:
		return a / b;
	case BPF_MOD:
		return a % b;
	case BPF_OR:
		return a | b;
	case BPF_AND:
		return a & b;
	case BPF_XOR:
		return a ^ b;
	case BPF_LSH:
		return a << (b & 31);
	case BPF_RSH:
		return a >> (b & 31);
	default:
		return -a;
	}
}

static bool compare(u16 op, u32 a, u32 b)
{
	switch (op) {
	case BPF_JEQ:
		return a == b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	default:
		return (a & b) != 0;
	}
}

static u32 load_size(u16 code)
{
	return BPF_SIZE(code) == BPF_W ? 4 : BPF_SIZE(code) == BPF_H ? 2 : 1;
}

u32 cbpf_run(const struct sock_filter *program, cbpf_load_fn load, const void *data, u32 len)
{
	u32 a = 0, x = 0, mem[BPF_MEMWORDS];

	for (const struct sock_filter *insn = program;; insn++) {
		u32 k = insn->k, operand = BPF_SRC(insn->code) == BPF_X ? x : k;

		switch (BPF_CLASS(insn->code)) {
		case BPF_LD:
			if (BPF_MODE(insn->code) == BPF_IMM)
				a = k;
			else if (BPF_MODE(insn->code) == BPF_MEM)
				a = mem[k];
			else if (BPF_MODE(insn->code) == BPF_LEN)
				a = len;
			else if (!load(data, BPF_MODE(insn->code) == BPF_IND ? x + k : k,
				       load_size(insn->code), &a))
				return 0;
			break;
		case BPF_LDX:
			if (BPF_MODE(insn->code) == BPF_IMM) {
				x = k;
			} else if (BPF_MODE(insn->code) == BPF_MEM) {
				x = mem[k];
			} else if (BPF_MODE(insn->code) == BPF_LEN) {
				x = len;
			} else {        /* MSH: the length of an IP header in its low nibble */
				if (!load(data, k, 1, &x))
					return 0;
				x = (x & 0xf) << 2;
			}
			break;
		case BPF_ST:
			mem[k] = a;
			break;
		case BPF_STX:
			mem[k] = x;
			break;
		case BPF_ALU:
			if (!operand && (BPF_OP(insn->code) == BPF_DIV || BPF_OP(insn->code) == BPF_MOD))
				return 0;
			a = alu(BPF_OP(insn->code), a, operand);
			break;
		case BPF_JMP:
			if (BPF_OP(insn->code) == BPF_JA)
				insn += k;
			else
				insn += compare(BPF_OP(insn->code), a, operand) ? insn->jt : insn->jf;
			break;
		case BPF_MISC:
			if (BPF_MISCOP(insn->code) == BPF_TXA)
				a = x;
			else
				x = a;
			break;
		default:        /* BPF_RET */
			return BPF_RVAL(insn->code) == BPF_A ? a : k;
		}
	}
}
