# SPDX-License-Identifier: BSD-2-Clause
seq 10 | gawk '{ s += $1; a[$1 % 3] = a[$1 % 3] " " $1 } END { print s; for (i = 0; i < 3; i++) print i ":" a[i] }'
gawk 'BEGIN { printf "%05.2f %x %c %s %e\n", 3.14159, 255, 65, "s", 12345.678 }'
gawk 'BEGIN { while (("echo a; echo b" | getline l) > 0) print "got " l; close("echo a; echo b"); print system("exit 3") }'
gawk 'BEGIN { cmd = "sort -r"; print "a" |& cmd; print "b" |& cmd; close(cmd, "to"); while ((cmd |& getline l) > 0) print l; close(cmd) }'
gawk 'BEGIN { print "to file" > "out"; close("out"); getline l < "out"; print l; print "err" > "/dev/stderr" }'
gawk -v n=5 'function f(x) { return x <= 1 ? 1 : x * f(x - 1) } BEGIN { print f(n), f(20) }'
gawk 'BEGIN { a["x"] = 3; a["y"] = 1; a["z"] = 2; PROCINFO["sorted_in"] = "@val_num_asc"; for (k in a) print k, a[k] }'
gawk 'BEGIN { print strftime("%Y-%m-%d", 86400, 1), mktime("1970 01 02 00 00 00"), toupper("abc"), substr("hello", 2, 3), index("abc", "c") }'
gawk 'BEGIN { print match("foobar", /o+/, m), RSTART, RLENGTH, m[0]; print gensub(/(a)(b)/, "\\2\\1", "g", "abab"); n = split("a:b:c", p, ":"); print n, p[3] }'
printf 'a,"b,c",d\n' | gawk -v FPAT='([^,]*)|("[^"]+")' '{ print NF; print $2 }'
printf 'one\n\ntwo\nthree\n' | gawk 'BEGIN { RS = "" } { print NR ": " $1 " " NF }'
gawk 'BEGIN { print length(ENVIRON["HOME"]), PROCINFO["uid"], ARGC; exit 4 }'; echo "$?"
seq 200000 | gawk '{ h[$1 % 1000] += $1 } END { print length(h), h[7] }'
gawk -M 'BEGIN { print 2 ^ 100 }' 2>&1; gawk 'BEGIN { printf "%d\n", 2 ^ 53 + 1; print 1 / 3; print -7 % 3; print log(0) }' 2>&1
gawk 'BEGIN { getline < "/nonexistent"; print ERRNO }'; gawk '{' 2>&1 | tail -n 1; mkfifo p; (seq 3 >p &) ; gawk '{ print $1 * 2 }' p
