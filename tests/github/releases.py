"""What GitHub does with releases and their assets, and emulate does not."""

from __future__ import annotations

import hashlib
import itertools
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote

from tests.github.exchange import Answer, Fix, Json, Request, Routes, Upstream, Visit, invalid, refusal

# Several drafts may wait for one tag at GitHub, and none has it; to emulate each draft's tag is a name of its own.
_MARK: Final = "~draft"
MARKED: Final = re.compile(rb"~draft\d+")
_STORED: Final = re.compile(r"/storage/(\d+)")
_DOWNLOAD: Final = re.compile(r"(/[^/]+/[^/]+)/releases/download/([^/]+)/([^/]+)")


@dataclass(frozen=True, kw_only=True)
class Stored:
    """The bytes of an asset, and the path of its release."""

    content: bytes
    release: str


class Releases:
    """Releases, the tags that they make, and assets with their bytes."""

    def __init__(self, upstream: Upstream) -> None:
        self.broken: set[int] = set()  # assets whose upload ended halfway
        self._upstream = upstream
        self._stored: dict[int, Stored] = {}
        self._numbers = itertools.count(1)
        self.routes: Routes = {
            ("POST", "/releases"): self.create,
            ("PATCH", "/releases/{release_id}"): self.edit,
            ("POST", "/releases/{release_id}/assets"): self.upload,
            ("GET", "/releases/assets/{asset_id}"): self.asset,
        }
        self.fixes: tuple[Fix, ...] = ((frozenset({"browser_download_url"}), self._show_asset),)

    def create(self, visit: Visit) -> Answer:
        said = visit.request.json
        tag = str(said.get("tag_name"))
        self._check_target(visit.home, said)
        if said.get("draft"):
            return self._upstream.ask(visit.request.saying(tag_name=self._marked(tag)))
        self._check_tag(visit.home, tag, but=None)
        done = self._upstream.ask(visit.request)
        if done.status == HTTPStatus.CREATED:
            self._make_tag(visit.home, tag, done.json["target_commitish"])
        return done

    def edit(self, visit: Visit) -> Answer:
        """Publishing makes the tag; where there is one already, the release takes that."""
        release = self._upstream.get(visit.request.path)
        if release is None:
            return self._upstream.ask(visit.request)
        said = visit.request.json
        tag = str(said.get("tag_name") or release["tag_name"].partition(_MARK)[0])
        self._check_target(visit.home, said)
        if said.get("draft", release["draft"]):
            return self._upstream.ask(visit.request.saying(tag_name=self._marked(tag)))
        self._check_tag(visit.home, tag, but=release["id"])
        done = self._upstream.ask(visit.request.saying(tag_name=tag))
        if done.status == HTTPStatus.OK:
            self._make_tag(visit.home, tag, done.json["target_commitish"])
        return done

    def upload(self, visit: Visit) -> Answer:
        path = visit.request.path.removesuffix("/assets")
        release = self._upstream.get(path)
        name = visit.request.query.get("name")
        if release and name in {asset["name"] for asset in release["assets"]}:
            raise invalid("ReleaseAsset", "name", "already_exists")
        done = self._upstream.ask(visit.request)
        if done.status == HTTPStatus.CREATED:
            self._stored[done.json["id"]] = Stored(content=visit.request.body, release=path)
        return done

    def asset(self, visit: Visit) -> Answer:
        """Facts, or for who asks for bytes the address of the storage that has them."""
        done = self._upstream.ask(visit.request)
        wants_bytes = visit.request.headers.get("accept") == "application/octet-stream"
        if done.status != HTTPStatus.OK or not wants_bytes:
            return done
        return Answer(status=302, headers={"location": f"{self._upstream.url}/storage/{visit.part}"})

    def download(self, request: Request) -> Answer | None:
        """The answer of the storage, or of the page of a published release; None for any other address."""
        if stored := _STORED.fullmatch(request.path):
            if "authorization" in request.headers:
                return refusal(400, "Only one auth mechanism allowed")  # the storage is not GitHub's API
            return self._bytes(int(stored[1]))
        if page := _DOWNLOAD.fullmatch(request.path):
            release = self._upstream.get(f"/repos{page[1]}/releases/tags/{page[2]}") or {"assets": []}
            named = [asset["id"] for asset in release["assets"] if asset["name"] == unquote(page[3])]
            return self._bytes(named[0]) if named else refusal(404, "Not Found")
        return None

    def _bytes(self, asset: int) -> Answer:
        if asset not in self._stored:
            return refusal(404, "Not Found")
        content = self._stored[asset].content
        return Answer(status=200, headers={"content-type": "application/octet-stream"}, body=content)

    def _marked(self, tag: str) -> str:
        return f"{tag}{_MARK}{next(self._numbers)}"

    def _check_tag(self, home: str, tag: str, but: int | None) -> None:
        known = self._upstream.get(f"{home}/releases/tags/{tag}")
        if known and known["id"] != but:
            raise invalid("Release", "tag_name", "already_exists")

    def _check_target(self, home: str, said: Json) -> None:
        target = said.get("target_commitish")
        if target and self._upstream.get(f"{home}/commits/{target}") is None:
            raise invalid("Release", "target_commitish", "invalid")

    def _make_tag(self, home: str, tag: str, target: str) -> None:
        if self._upstream.get(f"{home}/git/ref/tags/{tag}") is None:
            sha = self._upstream.get(f"{home}/commits/{target}")["sha"]
            self._upstream.say("POST", f"{home}/git/refs", ref=f"refs/tags/{tag}", sha=sha)

    def _show_asset(self, asset: Json) -> None:
        stored = self._stored[asset["id"]]
        tag = self._upstream.get(stored.release)["tag_name"].partition(_MARK)[0]
        page = asset["browser_download_url"].rpartition("/")[0]
        asset["digest"] = f"sha256:{hashlib.sha256(stored.content).hexdigest()}"
        if asset["id"] in self.broken:
            asset["state"] = "starter"
        if not page.endswith(f"/{tag}"):
            asset["browser_download_url"] = f"{page}/{tag}/{asset['name']}"
