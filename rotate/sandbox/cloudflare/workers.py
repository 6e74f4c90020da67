"""The pretend Cloudflare's Workers: their bindings, versions and deployments."""

from __future__ import annotations

from rotate.sandbox.clock import Clock
from rotate.sandbox.cloudflare.answers import found, given, iso, one_page
from rotate.sandbox.cloudflare.state import HIDDEN, Binding, Worker
from rotate.sandbox.exchange import Call, Json, RefusalError, Reply

NOT_DEPLOYED = "10215 You attempted to modify a secret, but the latest version isn't currently deployed."


class Workers:
    """`all`: by the name of the script."""

    def __init__(self, clock: Clock) -> None:
        """Start without any."""
        self.all: dict[str, Worker] = {}
        self._clock = clock

    def scripts(self, _: Call[str]) -> Reply:
        """Show every Worker, on one page."""
        return given([{"id": name} for name in self.all])

    def settings(self, call: Call[str]) -> Reply:
        """Show every binding."""
        bindings: list[Json] = [one.shape for one in self._worker(call).bindings]
        return given({"bindings": bindings, "compatibility_date": "2026-01-01", "usage_model": "standard"})

    def secrets(self, call: Call[str]) -> Reply:
        """Show the secrets, by name and type."""
        return given([one.shape for one in self._worker(call).bindings if one.kind == HIDDEN])

    def put(self, call: Call[str]) -> Reply:
        """Create or overwrite a secret, and deploy that."""
        worker, body = self._worker(call), call.document()
        name, text = body.get("name"), body.get("text")
        if not isinstance(name, str) or not isinstance(text, str) or body.get("type") != HIDDEN:
            raise RefusalError(400, "10021 A secret has a name, a text and its type")
        if worker.versions[-1] not in worker.serving[0]:
            raise RefusalError(400, NOT_DEPLOYED)
        binding = next((one for one in worker.bindings if one.name == name), None)
        if binding is None:
            binding = Binding(name)
            worker.bindings.append(binding)
        if binding.kind != HIDDEN:
            raise RefusalError(400, f"10053 Binding name '{name}' already in use.")
        binding.text = text
        worker.upload(deployed=True)
        return given(binding.shape)

    def deployments(self, call: Call[str]) -> Reply:
        """Show the deployments, the one that serves first."""
        told = iso(self._clock.now())
        past: list[Json] = []
        for number, versions in enumerate(self._worker(call).serving):
            each: list[Json] = [{"version_id": one, "percentage": 100 / len(versions)} for one in versions]
            about: dict[str, Json] = {"source": "api", "strategy": "percentage", "created_on": told}
            past.append({"id": str(number), "versions": each, **about})
        return given({"deployments": past})

    def versions(self, call: Call[str]) -> Reply:
        """Show the versions, the newest first."""
        numbered = list(enumerate(self._worker(call).versions, start=1))
        items: list[Json] = [{"id": one, "number": number, "metadata": {}} for number, one in reversed(numbered)]
        return given({"items": one_page(call, items)}, len(items))

    def _worker(self, call: Call[str]) -> Worker:
        return found(self.all.get(call.params["script"]), "10007 This Worker does not exist on your account.")
