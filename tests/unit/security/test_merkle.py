"""Merkle trees against the test vectors of the certificate-transparency reference (RFC 6962, RFC 9162)."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.security.merkle import climb, leaf_hash, path, root

INPUTS: Final = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
LEAVES: Final = [leaf_hash(bytes.fromhex(one)) for one in INPUTS]
# https://github.com/transparency-dev/merkle, testonly/constants.go: roots of the first 1 to 8 of these leaves.
ROOTS: Final = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
TREES: Final = st.integers(1, 300).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1)))


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_reference(size: int) -> None:
    assert root(LEAVES[:size]).hex() == ROOTS[size - 1]


@given(TREES)
def test_every_path_leads_to_the_root(tree: tuple[int, int]) -> None:
    size, index = tree
    leaves = [leaf_hash(str(number).encode()) for number in range(size)]
    assert climb(leaves[index], index, size, path(leaves, index)) == root(leaves)


@given(TREES, st.data())
def test_no_path_leads_there_from_another_leaf_place_or_tree(tree: tuple[int, int], data: st.DataObject) -> None:
    size, index = tree
    leaves = [leaf_hash(str(number).encode()) for number in range(size)]
    way, top = path(leaves, index), root(leaves)
    other = data.draw(st.integers(0, size - 1).filter(lambda one: one != index)) if size > 1 else 1
    assert climb(leaf_hash(b"another"), index, size, way) != top
    assert climb(leaves[index], other, size, way) != top
    assert climb(leaves[index], index, size, [*way, top]) != top
    assert climb(leaves[index], index, size, way[1:]) != top or not way


def test_a_leaf_does_not_pass_for_a_node() -> None:
    """Second preimages: a leaf whose content is two hashes is not the node above them (RFC 9162, 2.1)."""
    two = LEAVES[:2]
    assert leaf_hash(b"".join(two)) != root(two)
