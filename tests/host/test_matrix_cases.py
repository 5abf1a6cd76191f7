# SPDX-License-Identifier: BSD-2-Clause
"""The choice of cases from tests/matrix.yaml."""
import subprocess

import pytest

import matrix
import variants


def test_every_pair_that_makes_sense_occurs():
    wanted = set().union(*map(matrix.pairs, matrix.cases(full=True)))
    assert set().union(*map(matrix.pairs, matrix.cases())) == wanted
    # And whatever the rules say: any variant with any suite, but for tiny.
    chosen = {(case["variant"], case["suite"]) for case in matrix.cases()}
    axes, _ = matrix.read()
    assert chosen >= {(variant, suite) for variant in axes["variant"] if variant != "tiny"
                      for suite in axes["suite"]}


def test_it_is_few():
    assert len(matrix.cases()) < len(matrix.cases(full=True)) / 20


def test_no_exception_is_run():
    assert not [case for case in matrix.cases(full=True)
                if case["variant"] == "tiny" and case["cpus"] > 1]


def test_every_variant_is_in_it():
    named = {matrix.variant(case) for case in matrix.cases()}
    assert named == set(variants.defconfigs()) | {"defconfig"}


@pytest.mark.parametrize("count", [1, 3, 7])
def test_shards_are_a_partition(count):
    shards = [matrix.cases(shard=f"{i}/{count}") for i in range(1, count + 1)]
    names = [matrix.name(case) for shard in shards for case in shard]
    assert sorted(names) == sorted(map(matrix.name, matrix.cases()))


@pytest.mark.parametrize("choice, text", [
    ({"variant": "nosuch"}, "variant 'nosuch'"), ({"shard": "0/2"}, "shard '0/2'"),
    ({"shard": "3/2"}, "shard '3/2'"), ({"shard": "x"}, "shard 'x'")])
def test_a_wrong_choice_is_named(choice, text):
    with pytest.raises(matrix.Fault, match=text):
        matrix.cases(**choice)


def test_matrix_of_scripts_test():
    """It lists what it would run, and refuses a choice that leaves nothing."""
    def test(*words):
        return subprocess.run([f"{variants.TOP}/scripts/test", *words], capture_output=True, text=True, check=False)
    listed = test("--list", "--matrix", "full=1", "variant=rt").stdout.splitlines()
    assert listed == [f"guest.matrix.matrix[{matrix.name(case)}]" for case in matrix.cases(full=True, variant="rt")]
    for words, text in ((["variant=tiny", "suite=boot"], "no case"), (["cpus=3"], "cpus '3'"), (["hue=1"], "no axis")):
        done = test("--matrix", *words)
        assert done.returncode == 2 and text in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_rule_with_a_wrong_name_is_refused(tmp_path):
    with open(matrix.PATH, encoding="utf-8") as file:
        text = file.read()
    path = tmp_path / "m.yaml"
    path.write_text(text.replace("variant: tiny\n", "variant: tinny\n"))
    with pytest.raises(matrix.Fault, match="tinny"):
        matrix.cases(str(path))
