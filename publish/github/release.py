"""From a merged change to a release: draft, files, then public. Every step looks at what is there before it acts.

A run that broke after any step is finished by the next one; until it is, the release stays a draft that nobody sees.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from aks_egress_catalog.errors import AksEgressError
from aks_egress_catalog.history.announced import HOLD, announced_since
from aks_egress_catalog.history.changes import Changes, summarize
from aks_egress_catalog.history.history_file import history_json
from aks_egress_catalog.model import Origin
from aks_egress_catalog.store import from_json
from aks_egress_catalog.text.codec import to_json
from publish.config import Config
from publish.github.base_branch import current_base, differing
from publish.github.client import Repository
from publish.github.markdown import release_notes
from publish.github.pull_request import commit_message
from publish.github.values import GitHubRelease
from publish.plan.check import GateVerdict
from publish.plan.diff import text_changes
from publish.plan.proposal import Proposal
from publish.plan.released import Published, VersionTakenError

_TAG: Final = re.compile(r"v(\d{4})\.(\d{1,2})\.(\d{1,2})(?:\.(\d+))?\Z")
CATALOG: Final = "catalog.json"


HISTORY: Final = "history.json"


class ReleaseError(AksEgressError):
    """The release cannot be made as it stands; the message says what a person has to do."""


def release(
    repository: Repository,
    published: Published,
    *,
    hold: dt.timedelta = HOLD,
    commit: str,
    make_assets: Callable[[Changes], Mapping[str, bytes]],
) -> str:
    """Bring the release of a checkout to its end; return what was done, in a sentence.

    ``commit`` is the commit that the checkout is of; ``make_assets`` makes its files from the changes since the
    release before, and is only called where files are missing.

    Raises:
        VersionTakenError: the version was released, and stands for other data than the checkout has.
        ReleaseError: the catalog must not be released, or its tag stands for something else.
        GitHubRefusedError: GitHub did not do what was asked; run again.
    """
    catalog = published.catalog
    if catalog.origin is not Origin.LIVE:
        raise ReleaseError(f"a catalog of {catalog.origin} pages is never released: build one from live pages")
    tag = f"v{catalog.version}"
    releases = repository.releases()
    # Two runs at once make two drafts of one tag: the one that is published, else the first, is the release.
    same = sorted((one for one in releases if one.tag == tag), key=lambda one: (one.draft, one.id))
    found = next(iter(same), None)
    if found and not found.draft:
        for draft in same[1:]:
            repository.remove_release(draft)
        _compare(repository, found, published)
        return f"{tag} is released already: {found.url}"
    tagged = repository.tag(tag)
    if tagged not in (None, commit):
        raise ReleaseError(
            f"the tag {tag} stands for {tagged[:9] if tagged else ''}, not for {commit[:9]}: release that commit, or"
            " remove the tag, for nothing was released under it"
        )
    changes = changes_since(repository, releases, published, hold=hold)
    assets = make_assets(changes)
    if found is None:
        found = repository.draft_release(tag=tag, commit=commit, body=release_notes(catalog, changes))
    _complete(repository, found, assets)
    repository.publish(found)
    return f"released {tag}: {found.url}"


def _compare(repository: Repository, found: GitHubRelease, published: Published) -> None:
    """A version names bytes for ever: a checkout that has other data under it must take another one."""
    here = {CATALOG: to_json(published.catalog), HISTORY: history_json(published.history)}
    assets = {asset.name: asset for asset in found.assets}
    other = [
        name for name, text in here.items() if name in assets and repository.download(assets[name]) != text.encode()
    ]
    if other:
        raise VersionTakenError(
            f"{found.tag} was released with another {' and '.join(other)} than this checkout has, and a version never"
            " changes. If the release is right, restore the data files of main from it; if it is wrong, run"
            " python -m publish correct --why TEXT, which takes the next free version"
        )


def newest_release(repository: Repository) -> GitHubRelease | None:
    """The published release of the highest version, if there is any."""
    return _newest(repository.releases())


def _newest(releases: Iterable[GitHubRelease]) -> GitHubRelease | None:
    numbers = {one.tag: (number, one) for one in releases if not one.draft and (number := _number(one.tag))}
    return max(numbers.values(), default=(None, None), key=lambda numbered: numbered[0] or ())[1]


def released_versions(repository: Repository) -> frozenset[str]:
    """Every version that a tag or a release of the repository has, drafts included."""
    names = {*repository.tags(), *(one.tag for one in repository.releases())}
    return frozenset(name.removeprefix("v") for name in names if _number(name))


def released_files(repository: Repository, version: str) -> dict[str, bytes]:
    """The files of a published release, byte for byte: for whoever has to upload or attest them after all."""
    found = next(one for one in repository.releases() if one.tag == f"v{version}" and not one.draft)
    return {asset.name: repository.download(asset) for asset in found.assets}


def changes_since(
    repository: Repository, releases: list[GitHubRelease], published: Published, *, hold: dt.timedelta = HOLD
) -> Changes:
    """What was announced between the release before and this one; nothing for the first."""
    last = _newest(releases)
    asset = next((asset for asset in last.assets if asset.name == CATALOG), None) if last else None
    if asset is None:
        return summarize(())
    old = from_json(repository.download(asset).decode())
    announced = announced_since(published.history, old.version, today=published.history.versions[-1].day, hold=hold)
    return summarize([*announced, *text_changes(old, published.catalog)])


def publish_directly(
    repository: Repository, proposal: Proposal, *, config: Config, published: Mapping[str, str]
) -> str:
    """Commit a proposal to the base branch without a pull request, and give the commit to release.

    Raises:
        ReleaseError: the configuration or the gate does not allow it.
        BaseBranchError: the base branch is not what this checkout is of.
    """
    if not config.release.direct:
        raise ReleaseError("publish.toml does not allow a release without a pull request (release.direct)")
    if proposal.gate.verdict is not GateVerdict.PUBLISH:
        raise ReleaseError(f"the gate says {proposal.gate.verdict}: only what it lets publish goes out directly")
    base = current_base(repository, config.pull_request.base, published)
    changed = differing(repository, proposal.files, base)
    if not proposal.due or not changed:
        return base.sha
    made = repository.write_commit(changed, parent=base, message=commit_message(proposal))
    repository.move(config.pull_request.base, made)
    return made


def _number(tag: str) -> tuple[int, ...]:
    match = _TAG.match(tag)
    return tuple(int(part or 0) for part in match.groups()) if match else ()


def _complete(repository: Repository, found: GitHubRelease, assets: Mapping[str, bytes]) -> None:
    """Upload what is not there yet; an upload that broke, or has other bytes, is made anew."""
    there = {asset.name: asset for asset in found.assets}
    for name, content in assets.items():
        asset = there.get(name)
        if asset and asset.complete and asset.size == len(content) and repository.download(asset) == content:
            continue
        if asset:
            repository.remove_asset(asset)
        repository.upload(found, name, content)
