"""Vault and OpenBao: fields of secrets in KV stores of both versions."""
