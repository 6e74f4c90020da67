"""Whose a Secret is, where another tool would write over it.

Sources: external-secrets/external-secrets, apis/externalsecrets/v1/externalsecret_types.go (`LabelManaged`,
`LabelOwner`, `AnnotationDataHash`); bitnami-labs/sealed-secrets, README ("Managing existing secrets", "Patching
existing secrets"); Helm's documentation, "Labels and Annotations", and its pkg/action/validate.go; Argo CD's
documentation, "Resource Tracking"; Flux's documentation, "Kustomization" and "HelmRelease"; Secrets Store CSI Driver,
"Sync as Kubernetes Secret"; Kubernetes' documentation, "Owners and Dependents".
"""

from __future__ import annotations

from collections.abc import Mapping

from rotate.errors import Refused, one_line
from rotate.systems.kubernetes.client import part

UPSTREAM = "Make the store that it takes the value from a destination, and take this one out"
FROM_GIT = (
    "Leave this Secret out of what it applies, or keep the key in a Secret of its own that is created in the cluster"
)
# Where the mark stands, its name, what it holds (nothing: anything), whose it is, and what to do.
MARKS = (
    ("labels", "reconcile.external-secrets.io/managed", "", "External Secrets", UPSTREAM),
    ("labels", "reconcile.external-secrets.io/created-by", "", "External Secrets", UPSTREAM),
    ("annotations", "reconcile.external-secrets.io/data-hash", "", "External Secrets", UPSTREAM),
    ("labels", "secrets-store.csi.k8s.io/managed", "", "the Secrets Store CSI Driver", UPSTREAM),
    ("annotations", "sealedsecrets.bitnami.com/managed", "true", "Sealed Secrets", FROM_GIT),
    ("annotations", "sealedsecrets.bitnami.com/patch", "true", "Sealed Secrets", FROM_GIT),
    ("labels", "helm.toolkit.fluxcd.io/name", "", "Flux", FROM_GIT),
    ("labels", "kustomize.toolkit.fluxcd.io/name", "", "Flux", FROM_GIT),
    ("annotations", "argocd.argoproj.io/tracking-id", "", "Argo CD", FROM_GIT),
    ("labels", "argocd.argoproj.io/instance", "", "Argo CD", FROM_GIT),
    ("labels", "app.kubernetes.io/managed-by", "Helm", "Helm", FROM_GIT),
    ("annotations", "meta.helm.sh/release-name", "", "Helm", FROM_GIT),
)


def hindrance(name: str, row: Mapping[str, object]) -> Refused | None:
    """Give why a Secret must not, or cannot, be written; nothing where it may be."""
    for where, mark, value, whose, remedy in MARKS:
        found = part(row, "metadata", where).get(mark)
        if found is not None and value in ("", found):
            return _owned(name, whose, f"`{mark}` among its {where}", remedy)
    owners = part(row, "metadata").get("ownerReferences")
    if isinstance(owners, list) and owners:
        whose = f"{part(owners[0]).get('kind')} {part(owners[0]).get('name')}"
        return _owned(name, one_line(whose), "its `ownerReferences`", UPSTREAM)
    if row.get("immutable"):
        message = f"{name} cannot be changed: the Secret is `immutable`. Nothing was changed there."
        remedy = "Keep the key in a Secret that is not, or replace this one by hand, and what names it."
        return Refused("destination-immutable", message, remedy)
    return None


def _owned(name: str, whose: str, by: str, remedy: str) -> Refused:
    message = f"{name} belongs to {whose} ({by}), which would overwrite the new key. Nothing was changed there."
    return Refused("destination-owned", message, f"{remedy}.")
