# SPDX-License-Identifier: BSD-2-Clause
"""The HTML report, as text and as a browser sees it."""
import json
import os
import re
import shutil
import subprocess

import pytest

import variants

SCRIPT = os.path.join(variants.TOP, "scripts/report")
JUNIT = """<testsuites><testsuite name="guest">
<testcase name="matrix[rt-boot-max-gic3-2cpu-256M-el1]" classname="guest.matrix" time="2.5">
<system-out>log: {logs}/rt.log</system-out></testcase>
<testcase name="matrix[tiny-shell-max-gic2-1cpu-32M-el2]" classname="guest.matrix" time="7.5">
<failure message="x">E   &lt;script&gt;alert(1)&lt;/script&gt; PANIC</failure></testcase>
<testcase name="vi" classname="guest.shell" time="0"><skipped message="no"/></testcase>
</testsuite></testsuites>"""
BENCH = {"defconfig": {"getppid": 91.0, "signal": 2320.4}, "Linux": {"getppid": 488.0}}


@pytest.fixture(name="build")
def made_up(tmp_path):
    (tmp_path / "matrix/logs").mkdir(parents=True)
    (tmp_path / "bench").mkdir()
    (tmp_path / "matrix/logs/rt.log").write_text("fine")
    (tmp_path / "matrix/logs/rt.png").write_bytes(b"picture")
    (tmp_path / "matrix/junit.xml").write_text(JUNIT.format(logs=tmp_path / "matrix/logs"))
    (tmp_path / "bench/bench.json").write_text(json.dumps(BENCH))
    image = tmp_path / "matrix/rt_defconfig/arch/arm64/boot/Image"
    image.parent.mkdir(parents=True)
    image.write_bytes(bytes(12345))
    return tmp_path


def report(build, status=0):
    done = subprocess.run([SCRIPT, f"--build={build}"], capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    return done


def check(text):
    assert re.search(r'<tr><th>rt</th><td class="cell"><a class="passed" href="\.\./matrix/logs/rt\.log"', text)
    assert len(re.findall(r'<a href="\.\./matrix/logs/rt\.png"', text)) == 2
    assert re.search(r"<th>tiny</th>.*?class=\"failed\"", text)
    # Only what ran has a row, and says how long it took; nothing is drawn beside what nobody measured.
    assert "<th>teaching</th>" not in text and "<small>2.5 s</small>" in text
    assert len(re.findall(r'class="bar linux"', text)) == 1 and len(re.findall(r'class="bar"', text)) == 2
    assert "12,345" in text and re.search(r"getppid</td>.*?>488<.*?>0\.186<", text)
    assert "<script>alert" not in text and "PANIC" in text
    for number, outcome in ((1, "passed"), (1, "failed"), (1, "skipped")):
        assert f"<b>{number}</b> {outcome}" in text


def test_everything_is_on_the_page(build):
    report(build)
    text = (build / "report/index.html").read_text()
    check(text)
    # One file: nothing is fetched.
    assert not re.search(r"(src|href)=\"?(https?:|//)|@import|url\(", text)


def test_nothing_to_report(tmp_path):
    assert "make matrix" in report(tmp_path, status=1).stderr


@pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed")
def test_a_browser_shows_it(build, tmp_path):
    report(build)
    done = subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                           f"--user-data-dir={tmp_path}/profile", "--enable-logging=stderr", "--dump-dom",
                           f"file://{build}/report/index.html"],
                          capture_output=True, text=True, timeout=120, check=False)
    check(done.stdout)
    assert len(re.findall(r"<tr", done.stdout.partition('id="cases"')[2])) == 4
    assert not re.search(r"CONSOLE.*(Error|Uncaught)", done.stderr)
