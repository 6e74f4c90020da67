"""Addresses of keys of Kubernetes Secrets: what is one, and what is wrong with what is none."""

from __future__ import annotations

from rotate.address import parsed
from rotate.systems.kubernetes.address import wrong

CLOUD = "kubernetes://payments/neon?context=arn:aws:eks:eu-central-1:4711:cluster/main#tls.key"


def test_an_address_is_its_own_one_text() -> None:
    for text in ("kubernetes://payments/neon", "kubernetes://p-1/neon.example-2#_NEON.key", CLOUD):
        assert wrong(parsed(text)) == ""
        assert str(parsed(text)) == text


WRONG = {
    "kubernetes:payments/neon": "a namespace and a Secret",
    "kubernetes://payments": "a namespace and a Secret",
    "kubernetes://Payments/neon": "a namespace and a Secret",
    f"kubernetes://{'p' * 64}/neon": "a namespace and a Secret",
    "kubernetes://payments/neon/key": "a namespace and a Secret",
    "kubernetes://payments/neon?context=%0A": "a context of the kubeconfig",
    "kubernetes://payments/neon#a%20b": "letters, digits",
    "kubernetes://payments/neon#..": "letters, digits",
}


def test_what_is_wrong_is_said() -> None:
    for text, why in WRONG.items():
        assert why in wrong(parsed(text)), text
