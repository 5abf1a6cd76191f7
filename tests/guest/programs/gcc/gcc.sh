# SPDX-License-Identifier: BSD-2-Clause
# The compiler, the assembler, the linker and the archiver, and make that runs them.
mkdir src; for n in 1 2 3 4; do printf '#include "all.h"\nint f%s(int x) { return x * %s; }\n' $n $n >src/f$n.c; done
for n in 1 2 3 4; do echo "int f$n(int);"; done >src/all.h
printf '#include <stdio.h>\n#include "all.h"\nint main(void) { printf("%%d\\n", f1(1) + f2(1) + f3(1) + f4(1)); return 3; }\n' >src/main.c
cat >Makefile <<'M'
objects := $(patsubst %.c,%.o,$(wildcard src/f*.c))
prog: src/main.o libf.a
	gcc-12 -o $@ src/main.o -L. -lf
libf.a: $(objects)
	ar rcsD $@ $^
%.o: %.c src/all.h
	gcc-12 -O2 -g -Wall -c -o $@ $<
M
make -j3 >log 2>&1; echo "make $?"; sort log; ./prog; echo "status $?"; touch -d tomorrow src/f2.c; make -n 2>&1 | grep -v future; make -q 2>/dev/null; echo "q $?"
nm -g libf.a | grep -c ' T '; objdump -d src/f3.o | tail -n 3; gcc-12 -static -Os -o st src/main.c src/f?.c && ./st; echo "status $?"; size prog | wc -l; strip prog; ./prog
echo 'int x = y;' >bad.c; gcc-12 -c bad.c; echo "status $?"; gcc-12 -flto -O2 -o lto src/*.c && ./lto; gcc-12 -x c -E -P - <<<'A __LINE__'; gcc-12 -pipe -S -o - src/f1.c | grep -c f1
