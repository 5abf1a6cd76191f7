# SPDX-License-Identifier: BSD-2-Clause
seq 1000 >n; grep -c 7 n; grep -n '^9.9$' n; grep -o '5\+' n | sort | uniq -c; grep -E '^(1|2)\1{2}$' n
grep -P '(?<=9)9(?=9)' n; grep -v . n; echo "$?"; grep -rl 999 . ; grep -m 3 -A1 -B1 500 n; grep -f <(seq 998 1002) -x n
grep x /nonexistent; echo "$?"; printf 'a\0b\n' | grep -a b; printf 'a\0b\n' | grep b; grep -q 5 n; echo "$?"
printf 'ä\nö\n' | grep -i 'Ä'; cat n | grep --line-buffered 99 | head -n 2; grep -z -c . n
sed -n '10,12p;$p' n; sed -i.bak 's/^1$/one/;2d' n; head -n 2 n; head -n 1 n.bak; sed '/3/!d;s/\(.\)\(.\)/\2\1/' n | tail -n 2
sed -n '/^10$/,/^13$/{=;p}' n; sed 's/.*/echo &/e' <<<x; seq 4 | sed 'N;s/\n/+/'; seq 3 | sed 'G;$!d'; sed -s -n '$=' n n.bak
seq 3 | sed '2w out'; cat out; seq 5 | sed '2q7'; echo "$?"; seq 3 | sed -E '2{h;d};${G}'; sed 'y/abc/xyz/' <<<aabbcc; sed --debug -n p <<<x
sed 2>&1 --in-place s/a/b/ /nonexistent; sed -n 'l 10' <<<'a long line	with tab'
