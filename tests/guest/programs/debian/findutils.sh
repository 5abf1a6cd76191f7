# SPDX-License-Identifier: BSD-2-Clause
mkdir -p t/{a,b,c}/{d,e}; for f in t/*/*; do echo "$f" >"$f/f"; done; ln -s ../a t/b/link; mkfifo t/p
touch -d 2001-01-01 t/a/d/f; chmod 4755 t/b/e/f; truncate -s 2M t/c/d/f
find t | sort; find t -type l -printf '%p %l %y\n'; find -L t -type d | sort | wc -l; find t -type p
find t -perm -4000; find t -size +1M -printf '%p %s\n'; find t -newermt 2002-01-01 -type f | sort
find t -maxdepth 1 -mindepth 1 -printf '%f %d %m\n' | sort; find t -empty | sort; find t -links 1 -type f | wc -l
find t -name f ! -size +1M -exec cat {} + | sort; find t -name f -execdir pwd \; | sed 's|.*/t/|t/|' | sort
find t -type f -print0 | sort -z | xargs -0 -n 2 -P 3 sh -c 'exit 0' ; echo "$?"
seq 1000 | xargs -n 100 echo | wc -l; seq 5 | xargs -I{} echo '<{}>'; echo x | xargs false; echo "$?"
seq 100000 | xargs echo | wc -c; find t -samefile t/a/d/f; find t -inum "$(stat -c %i t/a/e/f)"
find t -fstype tmpfs -o -fstype rootfs -o -fstype ramfs | wc -l; find t -depth -delete; ls; find /nonexistent 2>&1
find /proc/self/fd -type l | wc -l; find /dev -maxdepth 1 -name null -type c; find / -xdev -maxdepth 1 -name etc
