"""Which cluster is meant, and how one logs in there: by a kubeconfig, else by the account of the pod that this runs in.

Sources: k8s.io/client-go tools/clientcmd/client_config.go (`DeferredLoadingClientConfig`: a kubeconfig counts before
the pod's own), rest/config.go (`InClusterConfig`: the variables and files); Kubernetes' documentation, "Accessing the
Kubernetes API from a Pod".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rotate.address import parsed
from rotate.errors import ConfigurationError, RotateError
from rotate.problems import Problems
from rotate.service.description import Service
from rotate.systems.kubernetes.kubeconfig import VARIABLE, Access, Kubeconfig, text_of, usual

HOST, PORT = "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"
# `rest/config.go`: where the token and the authorities of a pod's service account lie.
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def access(environment: Mapping[str, str], context: str = "") -> Access:
    """Give how the cluster of a context is reached. Nothing is contacted.

    Raises:
        ConfigurationError: what the environment names cannot be read or used.
    """
    if not context and not by_file(environment) and in_cluster(environment):
        host = environment[HOST]
        at = f"[{host}]" if ":" in host else host
        server = f"https://{at}:{environment[PORT]}"
        return Access(server, text_of(ACCOUNT / "ca.crt"), token_file=ACCOUNT / "token")
    return Kubeconfig(environment).access(context)


def by_file(environment: Mapping[str, str]) -> bool:
    """Say whether there is a kubeconfig."""
    return bool(environment.get(VARIABLE, "").strip() or usual(environment))


def in_cluster(environment: Mapping[str, str]) -> bool:
    """Say whether this runs in a pod that has a service account."""
    return bool(environment.get(HOST) and environment.get(PORT)) and (ACCOUNT / "token").is_file()


def contexts_lack(environment: Mapping[str, str], addresses: Sequence[str]) -> tuple[RotateError, ...]:
    """Say what is wrong with the contexts that addresses name, where the kubeconfig itself can be read."""
    problems = Problems()
    for context in dict.fromkeys(parsed(one).options.get("context", "") for one in addresses):
        try:
            access(environment, context)
        except RotateError as error:
            problems.add(error)
    return tuple(problem for _, problem in problems.found)


class ClusterService(Service):
    """A cluster, which is logged in to by a kubeconfig or the pod's own account."""

    __slots__ = ()

    @property
    def give(self) -> str:
        """Say which rights are needed, and how to pass a kubeconfig."""
        return (
            f"{self.needs} {self.make} Store a kubeconfig with its token as a secret and pass the text, or name a file:"
            f"\n\n    env:\n      {VARIABLE}: ${{{{ secrets.{VARIABLE} }}}}"
        )

    def lacks(self, environment: Mapping[str, str]) -> tuple[RotateError, ...]:
        """Say all that the environment lacks: nothing is contacted. Which context is meant, an address says."""
        problems = Problems()
        self.url(environment, problems)
        if not by_file(environment) and not in_cluster(environment):
            message = f"There is no login for Kubernetes: `{VARIABLE}` is not set, and this is no pod of a cluster."
            problems.add(ConfigurationError("destination-token-missing", message, self.give))
        else:
            try:
                Kubeconfig(environment)
            except RotateError as error:
                problems.add(error)
        return tuple(problem for _, problem in problems.found)
