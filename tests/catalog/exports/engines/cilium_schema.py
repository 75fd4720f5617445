"""The part of Cilium's CRDs that a policy for egress uses, from their public description, as JSON Schema.

Closed: a key that is not here is not known to Cilium either, which would drop it without a word.
"""

from __future__ import annotations

from typing import Any, Final

_Json = dict[str, Any]


def _closed(required: tuple[str, ...] = (), **properties: _Json) -> _Json:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


def _many(of: _Json) -> _Json:
    return {"type": "array", "items": of, "minItems": 1}


_LABELS: Final = {"type": "object", "additionalProperties": {"type": "string", "maxLength": 63}}
_SELECTOR: Final = _closed(matchLabels=_LABELS)
_NAMED: Final = {
    "oneOf": [
        _closed(("matchName",), matchName={"type": "string", "maxLength": 255, "pattern": "^([-a-zA-Z0-9_]+[.]?)+$"}),
        _closed(
            ("matchPattern",),
            matchPattern={"type": "string", "maxLength": 255, "pattern": "^(([*][*][.])?[-a-zA-Z0-9_*]+[.]?)+$|^[*]$"},
        ),
    ]
}
_PORT: Final = _closed(
    ("port",),
    port={"type": "string", "pattern": "^([1-9][0-9]{0,4})$"},
    protocol={"enum": ["TCP", "UDP", "SCTP", "ANY"]},
)
_PORTS: Final = _many(_closed(("ports",), ports=_many(_PORT), rules=_closed(dns=_many(_NAMED))))
_EGRESS: Final = {
    "oneOf": [
        _closed(("toFQDNs",), toFQDNs=_many(_NAMED), toPorts=_PORTS),
        _closed(("toCIDR",), toCIDR=_many({"type": "string", "pattern": "^[0-9a-f.:]+/[0-9]{1,3}$"}), toPorts=_PORTS),
        _closed(("toEndpoints",), toEndpoints=_many(_SELECTOR), toPorts=_PORTS),
    ]
}
_SPEC: Final = _closed(
    ("endpointSelector", "egress"),
    endpointSelector=_SELECTOR,
    enableDefaultDeny=_closed(egress={"type": "boolean"}, ingress={"type": "boolean"}),
    egress=_many(_EGRESS),
)


def _kind(name: str, *, namespaced: bool) -> _Json:
    metadata = _closed(
        ("name", "namespace") if namespaced else ("name",),
        name={"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "maxLength": 253},
        labels=_LABELS,
        annotations={"type": "object", "additionalProperties": {"type": "string"}},
        **({"namespace": {"type": "string", "maxLength": 63}} if namespaced else {}),
    )
    return _closed(
        ("apiVersion", "kind", "metadata", "spec"),
        apiVersion={"const": "cilium.io/v2"},
        kind={"const": name},
        metadata=metadata,
        spec=_SPEC,
    )


SCHEMA: Final = {
    "oneOf": [
        _kind("CiliumNetworkPolicy", namespaced=True),
        _kind("CiliumClusterwideNetworkPolicy", namespaced=False),
    ]
}
