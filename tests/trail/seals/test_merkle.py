"""The tree of hashes: RFC 6962's own vectors, and proofs of every leaf."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.trail.seals import merkle

# As in Certificate Transparency's reference implementation.
ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def by_the_text(leaves: list[bytes]) -> bytes:
    """The root as the RFC defines it: split at the largest power of two below the count."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + by_the_text(leaves[:split]) + by_the_text(leaves[split:])).digest()


@pytest.mark.parametrize("count", range(len(ROOTS)))
def test_the_roots_are_those_of_certificate_transparency(count: int) -> None:
    leaves = [merkle.leaf(entry) for entry in ENTRIES[:count]]

    assert merkle.root(leaves).hex() == ROOTS[count]


@given(st.lists(st.binary(max_size=3), min_size=1, max_size=70))
def test_the_root_is_the_rfcs_whatever_the_leaves(entries: list[bytes]) -> None:
    leaves = [merkle.leaf(entry) for entry in entries]

    assert merkle.root(leaves) == by_the_text(leaves)


@pytest.mark.parametrize("count", range(1, 35))
def test_every_leaf_is_proven_in_its_place_and_in_no_other(count: int) -> None:
    leaves = [merkle.leaf(bytes([n])) for n in range(count)]
    root = merkle.root(leaves)

    for index, leaf in enumerate(leaves):
        path = merkle.proof(leaves, index)
        assert merkle.proven(leaf, index, count, path) == root
        assert merkle.proven(leaf, (index + 1) % count, count, path) != root or count == 1
        assert merkle.proven(merkle.leaf(b"another"), index, count, path) != root


def test_a_proof_of_another_length_proves_nothing() -> None:
    leaves = [merkle.leaf(bytes([n])) for n in range(8)]
    path = merkle.proof(leaves, 3)

    assert merkle.proven(leaves[3], 3, 8, path[:-1]) is None
    assert merkle.proven(leaves[3], 3, 8, [*path, leaves[0]]) is None


def test_a_leaf_is_never_a_node() -> None:
    left, right = merkle.leaf(b"a"), merkle.leaf(b"b")

    assert merkle.leaf(left + right) != merkle.root([left, right])
