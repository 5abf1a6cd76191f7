/* SPDX-License-Identifier: BSD-2-Clause */
/* A program that does nothing: what bench starts to time exec. */

int main(void)
{
	return 0;
}
