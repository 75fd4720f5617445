"""The stand-in for GitHub, by the client that the publisher uses: what it can do, what it forbids, how it fails."""

from __future__ import annotations

import io

import pytest
from github3.exceptions import AuthenticationFailed, ForbiddenError, NotFoundError, UnprocessableEntity
from github3.repos.repo import Repository

from tests.github.exchange import Json, Request, answer
from tests.github.fixtures import Site
from tests.github.steps import branched, committed


def fault_of(refused: pytest.ExceptionInfo[UnprocessableEntity]) -> Json:
    (fault,) = refused.value.errors
    return dict(fault)


def test_a_repository_starts_with_one_commit_on_main(github: Site, repository: Repository) -> None:
    assert (repository.default_branch, repository.archived) == ("main", False)
    assert [commit.parents for commit in repository.commits()] == [[]]
    assert [branch.name for branch in repository.branches()] == ["main"]
    assert github.proxy.violations == []


def test_several_files_are_one_commit(github: Site, repository: Repository) -> None:
    sha = branched(repository, "catalog/update")
    assert repository.branch("catalog/update").commit.sha == sha
    assert repository.file_contents("texts/en-us.json", ref="catalog/update").decoded == b"one"
    assert {row.path for row in repository.tree(sha, recursive=True).tree} >= {"README.md", "texts", "catalog.json"}
    assert sorted(dict(repository.directory_contents("", ref=sha))) == ["README.md", "catalog.json", "texts"]
    assert github.proxy.violations == []


def test_a_pull_request_lives_and_is_merged(github: Site, repository: Repository) -> None:
    branched(repository, "update")
    pull = repository.create_pull("Title", "main", f"{github.owner}:update", "Text")
    issue = pull.issue()
    repository.create_label("data", "ededed", "What changed upstream")
    issue.add_labels("data", "old")
    issue.replace_labels(["data", "held"])
    newer = committed(repository, "two").sha
    repository.ref("heads/update").update(newer, force=True)
    pull.update(title="Newer", body="Text & more")
    comment = pull.create_comment("First")
    comment.edit("Second")

    (listed,) = repository.pull_requests(state="all", head=f"{github.owner}:update")
    assert (listed.title, listed.body_html, listed.head.sha) == ("Newer", "<p>Text &amp; more</p>", newer)
    assert [label["name"] for label in listed.labels] == ["data", "held"]
    assert [issue.number for issue in repository.issues(labels="data")] == [pull.number]
    assert [comment.body for comment in pull.issue_comments()] == ["Second"]
    assert listed.merge()
    assert repository.file_contents("catalog.json").decoded == b"two"
    merged = repository.pull_request(pull.number)
    assert merged.merged
    assert merged.merge_commit_sha == repository.ref("heads/main").object.sha
    assert github.proxy.violations == []


def test_a_closed_pull_request_opens_again_where_its_branch_still_is(github: Site, repository: Repository) -> None:
    sha = branched(repository, "update")
    pull = repository.create_pull("Title", "main", "update")
    assert pull.close()
    assert pull.reopen()
    assert pull.close()
    repository.ref("heads/update").update(committed(repository, "on top", parent=sha).sha)
    assert pull.reopen()
    assert pull.close()
    repository.ref("heads/update").update(committed(repository, "aside").sha, force=True)
    with pytest.raises(UnprocessableEntity) as refused:
        pull.reopen()
    assert fault_of(refused)["message"].endswith("was force-pushed or recreated.")
    assert repository.pull_request(pull.number).head.sha != repository.ref("heads/update").object.sha
    assert github.proxy.violations == []


def test_a_pull_request_ends_with_its_branch(repository: Repository) -> None:
    branched(repository, "update")
    pull = repository.create_pull("Title", "main", "update")
    repository.ref("heads/update").delete()
    assert repository.pull_request(pull.number).state == "closed"
    with pytest.raises(UnprocessableEntity) as refused:
        pull.reopen()
    assert fault_of(refused)["message"].endswith("has been deleted.")


@pytest.mark.parametrize(
    ("head", "code", "message"),
    [
        ("update", "custom", "A pull request already exists for admin:update."),
        ("same", "custom", "No commits between main and same"),
        ("absent", "invalid", ""),
    ],
)
def test_pull_requests_that_github_refuses(repository: Repository, head: str, code: str, message: str) -> None:
    branched(repository, "update")
    repository.create_ref("refs/heads/same", repository.ref("heads/main").object.sha)
    repository.create_pull("Title", "main", "update")
    with pytest.raises(UnprocessableEntity) as refused:
        repository.create_pull("Again", "main", head)
    assert (fault_of(refused)["code"], fault_of(refused).get("message", "")) == (code, message)
    assert len([*repository.pull_requests(state="all")]) == 1


def test_a_branch_moves_only_forward_unless_forced(repository: Repository) -> None:
    branched(repository, "update")
    aside = committed(repository, "aside").sha
    with pytest.raises(UnprocessableEntity, match="not a fast-forward"):
        repository.ref("heads/update").update(aside)
    assert repository.ref("heads/update").update(aside, force=True)
    with pytest.raises(UnprocessableEntity, match="already exists"):
        repository.create_ref("refs/heads/update", aside)


def test_a_branch_that_is_gone_cannot_be_moved(repository: Repository) -> None:
    sha = branched(repository, "update")
    ref = repository.ref("heads/update")
    ref.delete()
    with pytest.raises(UnprocessableEntity, match="Reference does not exist"):
        ref.update(sha)


def test_a_protected_branch_takes_no_commit_but_a_merge(github: Site, repository: Repository) -> None:
    github.proxy.protect(github.full_name, "main")
    sha = branched(repository, "update")
    assert repository.branch("main").protected
    with pytest.raises(UnprocessableEntity, match="Protected branch"):
        repository.ref("heads/main").update(sha, force=True)
    with pytest.raises(UnprocessableEntity, match="Protected branch"):
        repository.create_file("a.txt", "message", b"text")
    assert repository.create_pull("Title", "main", "update").merge()


@pytest.mark.parametrize(
    ("write", "values"),
    [("create_blob", ("text", "utf-8")), ("create_label", ("data", "ededed")), ("create_release", ("v1",))],
)
def test_an_archived_repository_is_read_only(
    github: Site, repository: Repository, write: str, values: tuple[str, ...]
) -> None:
    github.proxy.archive(github.full_name)
    assert repository.refresh().archived
    with pytest.raises(ForbiddenError, match="archived"):
        getattr(repository, write)(*values)


def test_only_the_token_of_the_test_is_known(github: Site) -> None:
    with pytest.raises(AuthenticationFailed, match="Bad credentials"):
        github.repository(token="test_token_admin")


def test_a_release_is_a_draft_until_it_is_published(github: Site, repository: Repository) -> None:
    sha = branched(repository, "update")
    draft = repository.create_release("v1", sha, "Name", "Notes", draft=True)
    content = bytes(range(256)) * 9
    uploaded = draft.upload_asset("application/gzip", "catalog.gz", content)
    assert ([*repository.tags()], [release.draft for release in repository.releases()]) == ([], [True])
    with pytest.raises(NotFoundError):
        repository.release_from_tag("v1")

    assert draft.edit(draft=False)
    assert [(tag.name, tag.commit.sha) for tag in repository.tags()] == [("v1", sha)]
    (asset,) = repository.release_from_tag("v1").assets()
    received = io.BytesIO()
    asset.download(received)
    assert received.getvalue() == content
    assert asset.digest == uploaded.digest
    assert github.session().get(asset.browser_download_url).content == content
    assert repository.latest_release().id == draft.id
    assert asset.delete()
    assert [*draft.assets()] == []
    assert github.proxy.violations == []


def test_two_drafts_may_wait_for_one_tag_and_one_gets_it(github: Site, repository: Repository) -> None:
    first, second = (repository.create_release("v1", draft=True) for _ in range(2))
    assert [release.tag_name for release in repository.releases()] == ["v1", "v1"]
    assert first.edit(draft=False)
    with pytest.raises(UnprocessableEntity) as refused:
        second.edit(draft=False)
    assert fault_of(refused) == {"resource": "Release", "field": "tag_name", "code": "already_exists"}
    assert second.delete()
    assert github.proxy.violations == []


def test_what_has_a_name_already_is_refused(repository: Repository) -> None:
    draft = repository.create_release("v1", draft=True)
    draft.upload_asset("text/plain", "a.txt", b"one")
    with pytest.raises(UnprocessableEntity) as asset:
        draft.upload_asset("text/plain", "a.txt", b"two")
    repository.create_label("Data", "ededed")
    with pytest.raises(UnprocessableEntity) as label:
        repository.create_label("data", "ededed")
    assert [fault_of(refused)["code"] for refused in (asset, label)] == ["already_exists"] * 2
    assert len([*draft.assets()]) == 1


def test_an_upload_that_ended_halfway_keeps_its_name(github: Site, repository: Repository) -> None:
    draft = repository.create_release("v1", draft=True)
    github.proxy.break_asset(draft.upload_asset("text/plain", "a.txt", b"one").id)
    (asset,) = draft.assets()
    assert asset.state == "starter"
    with pytest.raises(UnprocessableEntity):
        draft.upload_asset("text/plain", "a.txt", b"one")
    assert asset.delete()
    assert draft.upload_asset("text/plain", "a.txt", b"one").state == "uploaded"


def test_an_issue_is_found_by_its_label_closed_and_opened_again(github: Site, repository: Repository) -> None:
    issue = repository.create_issue("Held", "Why", labels=["held"])
    issue.edit(body="Why else")
    issue.create_comment("Still")
    (listed,) = repository.issues(state="open", labels="held")
    assert (listed.body, [comment.body for comment in listed.comments()]) == ("Why else", ["Still"])
    assert listed.close()
    assert [*repository.issues(state="open")] == []
    assert listed.reopen()
    assert github.proxy.violations == []


def test_long_lists_come_in_pages(github: Site, repository: Repository) -> None:
    sha = repository.ref("heads/main").object.sha
    for number in range(3):
        repository.create_ref(f"refs/tags/v{number}", sha)
    tags = github.session().get(f"{github.url}/repos/{github.full_name}/tags", params={"per_page": "2"})
    rest = github.session().get(tags.links["next"]["url"])
    assert [tag["name"] for tag in tags.json() + rest.json()] == ["v2", "v1", "v0"]


def test_what_the_description_does_not_allow_is_a_violation(github: Site) -> None:
    session, home = github.session(), f"{github.url}/repos/{github.full_name}"
    session.post(f"{home}/labels", json={"name": "data", "colour": "ededed"})
    session.post(f"{home}/git/refs", json={"ref": "refs/heads/update"})
    session.get(f"{home}/pulls?state=gone&label=data")
    session.get(f"{home}/git/refs/heads")
    found = [(violation.part, violation.place) for violation in github.proxy.violations]
    assert found == [("request", "$"), ("request", "$"), ("query", "state"), ("query", "label"), ("request", "path")]


def test_an_answer_without_its_keys_is_a_violation(github: Site) -> None:
    request = Request(method="GET", target=f"/repos/{github.full_name}/git/ref/heads/main")
    whole = github.proxy.rules.answer(request)
    less = {key: value for key, value in whole.json.items() if key != "node_id"} | {"url": 1}
    found = github.proxy.description.check(request, answer(200, less))
    assert github.proxy.description.check(request, whole) == []
    assert [(violation.part, violation.place) for violation in found] == [("answer 200", "$.url"), ("answer 200", "$")]
