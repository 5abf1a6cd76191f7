# SPDX-License-Identifier: BSD-2-Clause
cat >Makefile <<'M'
all: a.out b.out c.out ; @cat $^
%.out: %.in ; @sleep 0.0$(words $^); tr a-z A-Z <$< >$@
%.in: ; @echo $* >$@
fail: ; @exit 3
env: ; @echo $(MAKELEVEL) $(MAKEFLAGS) $$VAR
sub: ; @$(MAKE) --no-print-directory env VAR=sub
define big
$(shell seq 500)
endef
long: ; @echo $(words $(big))
M
make -j4 --output-sync=target; make; make -q; echo "q $?"; touch -d tomorrow b.in; make -n --no-print-directory 2>&1 | grep -v future; make fail; echo "status $?"; make -k fail a.out nothing; echo "status $?"
make sub; make -j2 sub; make long; make -f /dev/stdin <<<'x: ; @echo from stdin'; make -C / -f "$PWD/Makefile" --no-print-directory fail 2>&1 | sed 's|/tmp[^:]*/||'; make -t c.out; make --eval='y: ; @echo $(shell echo deep)' y; make -l 100 -B a.out; timeout -s INT 3 make -f - <<<'z: ; @sleep 50' 2>&1 | sed 's|/tmp[^:]*|FILE|'
