"""What a shell offers for ``--set``: the keys, and after ``KEY=`` the values of that key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from click.shell_completion import CompletionItem

from aks_egress_catalog.cluster.profile import shape_of
from aks_egress_catalog.cluster.profile_keys import PROFILE_KEYS
from aks_egress_catalog.cluster.regions import REGIONS


def complete_setting(said: Iterable[str], incomplete: str) -> list[CompletionItem[str]]:
    """Return what can go on from ``incomplete``, where ``said`` are the settings before it on the line.

    A key that has one value is offered once; a list goes on after a comma, and ``-`` takes one of its values away.

    >>> [item.value for item in complete_setting((), "network")], [item.value for item in complete_setting((), "gpu=")]
    (['network_isolated='], ['gpu=true', 'gpu=false'])
    >>> [item.value for item in complete_setting(["cloud=AzureChinaCloud"], "region=chinae")]
    ['region=chinaeast', 'region=chinaeast2', 'region=chinaeast3']
    >>> [item.value for item in complete_setting((), "features=gpu,-w")]
    ['features=gpu,-windows', 'features=gpu,-workload-identity']
    """
    before = dict(_parts(setting) for setting in said)
    written, given, value = incomplete.partition("=")
    key = written.replace("-", "_")
    if not given:
        return [
            CompletionItem(f"{known.name}=", help=known.meaning)
            for known in PROFILE_KEYS.values()
            if known.name.startswith(key) and (known.name not in before or shape_of(known.name) is tuple)
        ]
    if key not in PROFILE_KEYS:
        return []
    many = shape_of(key) is tuple
    kept, comma, last = value.rpartition(",") if many else ("", "", value)
    minus = "-" if many and last.startswith("-") else ""
    head = f"{written}={kept}{comma}{minus}"
    return [
        CompletionItem(head + choice)
        for choice in _choices(key, before.get("cloud", ""))
        if choice.startswith(last.removeprefix(minus)) and choice not in kept.split(",")
    ]


def _parts(setting: str) -> tuple[str, str]:
    key, _, value = setting.partition("=")
    return key.strip().replace("-", "_"), value.strip()


def _choices(key: str, cloud: str) -> Iterator[str]:
    """Yield the values of a key; of the region those of the cloud, or of every cloud where none was said."""
    if key != "region":
        yield from PROFILE_KEYS[key].choices
        return
    for name, regions in REGIONS.items():
        if cloud in (name, ""):
            yield from regions
