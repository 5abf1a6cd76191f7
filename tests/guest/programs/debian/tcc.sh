# SPDX-License-Identifier: BSD-2-Clause
cat >hello.c <<'C'
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static void *work(void *arg) { return strdup(arg); }
int main(int argc, char **argv)
{
	pthread_t thread;
	void *got;

	pthread_create(&thread, NULL, work, argv[1]);
	pthread_join(thread, &got);
	printf("%d %s %zu\n", argc, (char *)got, sizeof(long));
	free(got);
	return getuid() + 5;
}
C
tcc -Wall -o hello hello.c -lpthread && ./hello argument; echo "status $?"
tcc -c hello.c && tcc -o again hello.o -lpthread && ./again twice; cmp hello again && echo same
echo 'int f(int n) { return n < 2 ? n : f(n - 1) + f(n - 2); }' >f.c; tcc -shared -o libf.so f.c
echo 'int f(int); int printf(const char *, ...); int main(void) { printf("%d\n", f(20)); return 0; }' >m.c
tcc -o m m.c -L. -lf -Wl,-rpath="$PWD" && ./m; tcc -o x nonexistent.c; echo "status $?"
echo 'int main(void) { return x; }' | tcc -; echo "status $?"; tcc -E -P - <<<'__LINE__'
ls -l hello m libf.so | wc -l; echo 'int main(void) { *(volatile int *)0 = 1; return 0; }' >s.c; tcc -o s s.c; bash -c './s; echo "status $?"' 2>/dev/null
