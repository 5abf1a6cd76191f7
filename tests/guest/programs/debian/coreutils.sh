# SPDX-License-Identifier: BSD-2-Clause
umask 022
mkdir -p a/b/c; cd a; echo hello >f; ln f g; ln -s f l; mkfifo p; mknod n c 1 3
stat -c '%n %F %h %a %s' f g l p n b | sort; ls -F | paste -sd' '
cp -a . ../copy; diff -r --no-dereference b ../copy/b && ls -R ../copy | wc -l
cp --sparse=always --reflink=auto f s; cp -l f hard; cp -s "$PWD/f" soft; readlink soft | sed 's|.*/||'
chmod -v u=rwx,go=r f; chown -v 1:2 f; chgrp -v 3 f; stat -c '%u:%g %A' f
touch -d '2001-02-03 04:05:06.789' t; stat -c '%y %Y' t; touch -r t u; [ u -nt t ] || [ u -ot t ] || echo same time
truncate -s 10M big; stat -c '%s %b' big; fallocate -l 64K fa 2>/dev/null; stat -c '%s' fa
dd if=/dev/urandom of=r bs=4096 count=64 status=none; split -n 7 r part.; cat part.* | cmp - r && echo split
seq 100000 | sort -R --random-source=/dev/zero | sort -n -S 100k | md5sum
seq 20 | shuf --random-source=/dev/zero | md5sum; tac f; nl f; od -c f; cksum f; sum f; b2sum f
comm -3 <(seq 5) <(seq 3 7); join <(seq 5) <(seq 3 7); paste <(seq 3) <(seq 4 6)
rm -rf b; rmdir b 2>&1; mkdir -m 700 d; stat -c %a d; mv -nv f d; mv -v d e; ls e
ln -sfn /nowhere l; readlink l; realpath -m l/x; test -e l || echo dangling
yes | head -n 1000 | wc -l; yes 2>/dev/null | head -n 1; (yes; echo "$?" >st) | head -n 1; cat st
tee -a x y <<<tee >/dev/null; cat x y; tail -n +1 x y
(tail -f --pid=$$ x & sleep 0.3; kill $!; wait $!; echo "$?")
df --output=fstype . | tail -n 1; du -s --apparent-size big 2>&1; sync x; sync -f x
nice -n 19 nice; nohup true 2>&1; env -i A=1 env; printenv HOME; id -u; groups; uname -s; arch
timeout --foreground 0.1 sleep 5; echo "$?"; stdbuf -oL echo buffered; chroot / /bin/echo chrooted
install -d -m 755 inst; install -m 4755 x inst/y; stat -c %a inst/y; mktemp -u XXXX | wc -c
shred -n 1 -u x && ls x 2>&1; csplit -s y 1; cat xx00; pathchk -p 'a b' 2>&1; link y z; unlink z
ls --color=never -la --time-style=+T e/f | sed 's/  */ /g'; mkdir /nonexistent/x 2>&1; cat . 2>&1; rm -d e 2>&1
