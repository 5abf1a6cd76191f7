# SPDX-License-Identifier: BSD-2-Clause
"""The KTAP reader: it must count honestly and notice every kind of loss."""
import ktap


def read(text):
    return ktap.parse(text)


def outcomes(report):
    return [(case.name, case.outcome) for case in report.cases]


def test_flat_list_passes():
    report = read("KTAP version 1\n1..2\nok 1 one\nok 2 - two words\n")
    assert outcomes(report) == [("one", "passed"), ("two words", "passed")]
    assert report.ok


def test_failure_keeps_its_diagnostics():
    report = read("KTAP version 1\n1..1\n# at mm/buddy.c:10\n# want 3 got 4\nnot ok 1 merge\n")
    assert report.cases[0].message == "at mm/buddy.c:10\nwant 3 got 4"
    assert not report.ok


def test_skip_is_not_a_pass():
    report = read("TAP version 13\n1..2\nok 1 a # SKIP no device\nok 2 b\n")
    assert outcomes(report) == [("a", "skipped"), ("b", "passed")]
    assert report.cases[0].message == "no device"


def test_timeout_directive_fails_an_ok_line():
    assert read("KTAP version 1\n1..1\nok 1 a # TIMEOUT 5 s\n").count("failed") == 1


def test_console_noise_and_timestamps_are_ignored():
    report = read("[    0.000000] Booting\r\n[    0.1] KTAP version 1\r\n[    0.1] 1..1\r\n"
                  "okay, this is chatter\r\n[   12.345678] ok 1 timer\r\nInit: ok 3 sheep\r\n")
    assert outcomes(report) == [("timer", "passed")]
    assert report.ok


def test_results_before_the_header_do_not_count():
    report = read("ok 1 fake\n")
    assert not report.cases and report.problems == ["no KTAP results found"]


def test_nested_tests_are_leaves_of_their_parent():
    report = read("KTAP version 1\n1..2\n  KTAP version 1\n  # Subtest: mm\n  1..2\n"
                  "  ok 1 buddy\n  ok 2 slab\nok 1 mm\nok 2 alone\n")
    assert outcomes(report) == [("mm.buddy", "passed"), ("mm.slab", "passed"), ("alone", "passed")]
    assert report.ok


def test_three_levels():
    report = read("KTAP version 1\n1..1\n  1..1\n    1..1\n    not ok 1 leaf\n  not ok 1 mid\n"
                  "not ok 1 top\n")
    assert outcomes(report) == [("top.mid.leaf", "failed")]
    assert not report.problems


def test_missing_results_are_a_problem():
    report = read("KTAP version 1\n1..3\nok 1 one\n")
    assert report.problems == ["top level: 3 planned, 1 reported"]
    assert not report.ok


def test_missing_nested_parent_is_a_problem():
    report = read("KTAP version 1\n1..1\n  # Subtest: fs\n  1..2\n  ok 1 open\n")
    assert outcomes(report) == [("fs.open", "passed")]
    assert len(report.problems) == 3    # fs: 2 planned; no parent line; top level: 1 planned


def test_parent_that_hides_a_failure_is_a_problem():
    report = read("KTAP version 1\n1..1\n  1..1\n  not ok 1 leaf\nok 1 top\n")
    assert any("although" in problem for problem in report.problems)


def test_parent_that_fails_alone_is_a_failure():
    report = read("KTAP version 1\n1..1\n  1..1\n  ok 1 leaf\nnot ok 1 top\n")
    assert report.count("failed") == 1


def test_skipped_number_is_a_problem():
    assert read("KTAP version 1\n1..3\nok 1 a\nok 3 c\n").problems


def test_no_plan_is_a_problem():
    assert read("KTAP version 1\nok 1 a\n").problems == ["top level: no plan"]


def test_plan_may_come_last():
    assert read("TAP version 13\nok 1 a\nok 2 b\n1..2\n").ok


def test_bail_out_is_a_problem():
    assert read("KTAP version 1\n1..1\nok 1 a\nBail out! disk on fire\n").problems == [
        "bail out: disk on fire"]


def test_two_documents_in_one_log():
    report = read("KTAP version 1\n1..1\nok 1 a\nKTAP version 1\n1..1\nok 1 b\n")
    assert outcomes(report) == [("a", "passed"), ("b", "passed")]
    assert report.ok


def test_empty_plan_is_a_skip():
    report = read("KTAP version 1\n1..0 # SKIP nothing here\n")
    assert outcomes(report) == [("all", "skipped")]
    assert report.ok


def test_empty_log_is_not_ok():
    assert not read("").ok


def test_title_before_a_document_is_its_name():
    report = read("# mm\nKTAP version 1\n1..1\nok 1 a\n# fs\nKTAP version 1\n1..1\nok 1 a\n")
    assert outcomes(report) == [("mm.a", "passed"), ("fs.a", "passed")]
    assert report.ok


def test_title_stands_over_noise_of_the_console():
    report = read("# mm\r\r\nKTAP version 1\r\r\n1..1\r\r\nok 1 a\r\r\n"
                  "# fs\n[    1.000000] smp: a message\nKTAP version 1\n1..1\nok 1 a\n")
    assert outcomes(report) == [("mm.a", "passed"), ("fs.a", "passed")]
    assert report.ok
