"""Kubernetes as a system: `kubernetes://<namespace>/<secret>?context=<context>#<key>`.

Sources: Kubernetes' OpenAPI description (api/openapi-spec); its documentation, "Secrets" ("mounted Secrets are updated
automatically", environment variables are not), "Using RBAC Authorization" (verbs and resources).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.system import PickUp, Proof, Traits
from rotate.systems.kubernetes.access import ClusterService, contexts_lack
from rotate.systems.kubernetes.address import wrong

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Deployment, Destination

SERVICE = ClusterService(
    kind="kubernetes",
    title="Kubernetes",
    tokens=("KUBECONFIG",),
    needs="In the namespace it needs a Role with the verbs `get` and `patch` on `secrets` (`create` too, where the "
    "Secret is to be created), and for `redeploy` the verbs `list` and `patch` on `deployments`, `statefulsets` and "
    "`daemonsets`.",
    make="Bind it to a service account, and make it a token: `kubectl create token`.",
    usual="https://kubernetes.default.svc",
    says=("message",),
)


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.kubernetes.secret import SecretKey

    return SecretKey(at, means)


def _restart(at: Address, means: Means) -> Deployment:
    from rotate.systems.kubernetes.restart import Restart

    return Restart(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("namespace", Kind.TEXT, "The namespace"),
        Field("secret_id", Kind.TEXT, "The name of the Secret"),
        Field("context", Kind.TEXT, "The context of the kubeconfig; the current one if left out"),
    )


SYSTEM = plain(
    Parts(
        "kubernetes",
        ("{namespace}/{secret_id}",),
        ("context",),
        wrong,
        _open,
        find="rotate.systems.kubernetes.finder:find",
        lasting=SERVICE.lasting,
        examples=("kubernetes://payments/neon",),
        deployment=_restart,
    ),
    Traits(
        Proof.VALUE,
        PickUp.RESTART,
        creates=True,
        compare_and_set=True,
        keeps=("type", "labels", "annotations", "other keys"),
    ),
    _fields,
    SERVICE.lacks,
)._replace(lacks_at=lambda environment, at: () if SERVICE.lacks(environment) else contexts_lack(environment, at))
