"""A real OpenBao of this machine: one for a session, ended by its own process id."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT_TOKEN = "root-of-a-test"
TRIES, PAUSE = 200, 0.05


class OpenBao:
    """Where it is, and a way to set it up as an administrator does."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.admin = httpx.Client(base_url=f"{url}/v1", headers={"X-Vault-Token": ROOT_TOKEN})

    def do(self, verb: str, path: str, body: object = None, *, namespace: str = "") -> httpx.Response:
        """Ask something that must succeed."""
        headers = {"X-Vault-Namespace": namespace} if namespace else {}
        answer = self.admin.request(verb, path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer

    def token(self, name: str, rules: str) -> str:
        """Give a token with a policy of these rules."""
        self.do("PUT", f"/sys/policies/acl/{name}", {"policy": rules})
        made = self.do("POST", "/auth/token/create", {"policies": [name], "ttl": "5m"}).json()
        return str(made["auth"]["client_token"])


@contextmanager
def openbao() -> Iterator[OpenBao]:
    """Start one, with both KV stores, and end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    program = Path(sys.executable).parent / "bao"
    words = [
        "server",
        "-dev",
        "-dev-no-store-token",
        f"-dev-root-token-id={ROOT_TOKEN}",
        f"-dev-listen-address={address}",
    ]
    with subprocess.Popen([program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            bao = OpenBao(f"http://{address}")
            _wait_for(bao)
            bao.do("POST", "/sys/mounts/kv1", {"type": "kv", "options": {"version": "1"}})
            bao.do("POST", "/sys/mounts/deep/kv", {"type": "kv", "options": {"version": "2"}})
            yield bao
            bao.admin.close()
        finally:
            process.terminate()


def _wait_for(bao: OpenBao) -> None:
    for _ in range(TRIES):
        try:
            if bao.admin.get("/sys/health").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(PAUSE)
    raise RuntimeError("OpenBao did not start")
