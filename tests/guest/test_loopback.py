# SPDX-License-Identifier: BSD-2-Clause
"""Unmodified Debian arm64 servers and their clients on one machine: redis, nginx, iperf3.

They need nothing but TCP and UDP over 127.0.0.1 and ::1, which is what the backend of the default
configuration has.
"""
import re

import pytest

from targets import on_each_target, shared_shell

pytestmark = on_each_target("loopback")
shell = shared_shell("loopback", image="loopback", mem="1G")

NGINX = """
mkdir -p /tmp/ng/www /var/log/nginx /var/lib/nginx/body
echo hello nginx >/tmp/ng/www/index.html
head -c 3000000 /dev/urandom >/tmp/ng/www/big
cat >/tmp/ng/conf <<E
user root;
worker_processes 2;
pid /tmp/ng/pid;
error_log /tmp/ng/error.log info;
events { use epoll; multi_accept on; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_timeout 10;
 server { listen 127.0.0.1:8080 reuseport deferred backlog=64; listen [::1]:8080; root /tmp/ng/www; } }
E
nginx -c /tmp/ng/conf
"""


@pytest.fixture(autouse=True)
def loopback_up(shell):
    # Linux starts with it down; here it always is up, and may not know the command.
    shell.run("ifconfig lo up 2>/dev/null")


def numbers(pattern, text):
    return [float(number) for number in re.findall(pattern, text)]


def test_redis(shell):
    shell.check("redis-server --save '' --appendonly no --daemonize yes --logfile /tmp/redis.log "
                "--unixsocket /tmp/redis.sock --pidfile /tmp/redis.pid >/dev/null", 60)
    for _ in range(50):
        status, text = shell.run("redis-cli ping")
        if status == 0 and "PONG" in text:
            break
    assert "PONG" in text
    shell.check("redis-cli set fruit apple")
    assert "apple" in shell.check("redis-cli -s /tmp/redis.sock get fruit")
    text = shell.check("redis-benchmark -n 1000 -c 20 -q -t ping,set,get,lpush,mset", 180)
    assert len(numbers(r"([\d.]+) requests per second", text)) == 6
    text = shell.check("redis-benchmark -n 2000 -c 50 -P 16 -q -t set,get", 180)
    assert all(numbers(r"([\d.]+) requests per second", text))
    # A subscriber hears what another client publishes.
    shell.check("(timeout 20 redis-cli subscribe news >/tmp/heard &) ; sleep 1; "
                "redis-cli publish news flash; sleep 1; grep flash /tmp/heard", 60)
    shell.run("redis-cli shutdown nosave")
    assert shell.run("redis-cli ping")[0] != 0


def test_nginx(shell):
    path = shell.script(NGINX)
    shell.check(f"sh {path}", 60)
    for where in ("127.0.0.1", "[::1]"):
        assert "hello nginx" in shell.check(f"wget -q -O - http://{where}:8080/", 60)
    shell.check("wget -q -O /tmp/big http://127.0.0.1:8080/big && cmp /tmp/big /tmp/ng/www/big", 120)
    path = shell.script("""
for i in 1 2 3 4 5 6 7 8; do
  (for j in 1 2 3 4 5; do wget -q -O /dev/null http://127.0.0.1:8080/ || echo lost; done) &
done
wait
""")
    assert "lost" not in shell.check(f"sh {path}", 180)
    shell.check("nginx -c /tmp/ng/conf -s reload; sleep 1", 60)
    assert "hello nginx" in shell.check("wget -q -O - http://127.0.0.1:8080/", 60)
    shell.check("nginx -c /tmp/ng/conf -s quit; sleep 1", 60)
    assert shell.run("wget -q -O - http://127.0.0.1:8080/", 60)[0] != 0
    assert "[alert]" not in shell.check("cat /tmp/ng/error.log")


@pytest.mark.parametrize("options", ["-c 127.0.0.1", "-c 127.0.0.1 -R -P 3", "-c ::1",
                                     "-c 127.0.0.1 -u -b 20M"])
def test_iperf3(shell, options):
    shell.check("iperf3 -s -1 -D; sleep 1", 60)
    text = shell.check(f"iperf3 {options} -t 1 -i 0", 120)
    assert "iperf Done" in text
    assert numbers(r"([\d.]+) [KMG]bits/sec .*receiver", text)[-1] > 0
