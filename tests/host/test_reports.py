# SPDX-License-Identifier: BSD-2-Clause
"""Reading host test output and the bench table."""
import bench
import hostlog

CMOCKA = """== test_list
[==========] Running 3 test(s).
[ RUN      ] test_add
[       OK ] test_add
[ RUN      ] test_remove
0x1 != 0x2
list.c:20: error: Failure!
[  FAILED  ] test_remove
[ RUN      ] test_later
[  SKIPPED ] test_later
[==========] 3 test(s) run.
[  PASSED  ] 1 test(s).
[  FAILED  ] 1 test(s), listed below:
[  FAILED  ] test_remove
"""


def test_cmocka_counts_each_test_once():
    cases = hostlog.parse(CMOCKA)
    assert [(name, outcome) for name, outcome, _ in cases] == [
        ("test_list.test_add", "passed"), ("test_list.test_remove", "failed"),
        ("test_list.test_later", "skipped")]
    assert "list.c:20" in cases[1][2]


def test_cmocka_same_names_in_two_programs():
    text = CMOCKA + CMOCKA.replace("test_list", "test_tree")
    assert len(hostlog.parse(text)) == 6


def test_crash_in_a_test_is_its_failure():
    text = "== test_a\n[ RUN      ] test_x\n==12==ERROR: AddressSanitizer: heap-use-after-free\n"
    (name, outcome, message), = hostlog.parse(text + "== test_b\n[ RUN      ] t\n[       OK ] t\n")[:1]
    assert (name, outcome) == ("test_a.test_x", "failed") and "AddressSanitizer" in message


def test_tap_programs_count_too():
    assert hostlog.parse("== arm\nok 1 - memcpy\nnot ok 2 - memset\nok 3 x # SKIP no\n") == [
        ("arm.memcpy", "passed", ""), ("arm.memset", "failed", ""), ("arm.x", "skipped", "")]


def test_program_that_is_skipped():
    assert hostlog.parse("== test_mem_arm64: SKIP, needs qemu\n") == [
        ("test_mem_arm64", "skipped", "SKIP, needs qemu")]


def test_noise_is_no_result():
    assert hostlog.parse("clang-19 -c a.c\nmake: done\n") == []


def test_bench_rows_among_noise():
    text = "[    0.1] boot\r\nname\titerations\tns\r\ngetppid\t1000\t118.50\r\nRUN_EXIT 0\r\n"
    assert bench.read_rows(text) == {"getppid": 118.5}


def test_bench_verdicts():
    must, may = bench.Budget("a", 1000, 900, 100, True), bench.Budget("b", 0, 0, 100, False)
    assert bench.judge(must, 199)[0] == "passed"
    assert bench.judge(must, 201)[0] == "failed"
    assert bench.judge(must, None)[0] == "failed"
    assert bench.judge(may, 201)[0] == bench.judge(may, None)[0] == "skipped"
    assert "0.20 of Linux" in bench.judge(must, 200)[1]


def test_bench_table_has_every_row():
    budgets = bench.read_budgets()
    assert len({budget.name for budget in budgets}) == len(budgets) >= 20
    report = bench.table(budgets, {"getppid": 120.0, "extra": 5.0})
    assert report.count("\n") == len(budgets) + 2
    assert "getppid\t120\t120\t1.00\t488\t0.246\t451\n" in report and "\nextra\t5\t-" in report


def test_bench_gate_names_what_got_worse(tmp_path):
    base = {"a": 100.0, "b": 100.0, "gone": 5.0}
    assert bench.worse({"a": 102.0, "b": 102.1, "new": 9.0}, base) == [
        "b: 102.1 instructions, 1.021 of the 100.0 it was"]
    path = tmp_path / "baseline"
    bench.write_baseline({"getppid": 91.04, "not in the gate": 1.0}, path)
    assert bench.read_baseline(path) == {"getppid": 91.0}
    assert set(bench.read_baseline()) == set(bench.GATE)
