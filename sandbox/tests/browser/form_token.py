"""The consent form's hidden token as only the product can make it: with the stack's disconnect key."""

from __future__ import annotations

import base64
import hashlib
import hmac


def sign(disconnect_key: str, company: str, redirect: str, nonce: str, expires: int) -> str:
    """A token for a company's form that expires at a time in epoch seconds."""
    key = _mac(disconnect_key.encode(), b"consent form")
    parts = (part.encode() for part in (company, redirect, nonce))
    mac = _mac(key, *parts, expires.to_bytes(8, "big", signed=True))
    return f"{nonce}.{expires}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def _mac(key: bytes, *parts: bytes) -> bytes:
    """HMAC-SHA-256 of parts that each are preceded by their length."""
    return hmac.new(key, b"".join(len(part).to_bytes(8, "big") + part for part in parts), hashlib.sha256).digest()
