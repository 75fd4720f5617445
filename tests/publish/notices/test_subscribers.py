"""The file of subscribers: read whole, or refused with the line and the key of every fault."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from aks_egress_catalog.history.changes import ChangeKind, Impact
from aks_egress_catalog.model import Cloud
from publish.notices.notify.subscribers import SUBSCRIBERS_TOML, Subscriber, SubscribersError, read_subscribers
from publish.notices.notify.targets import AppriseTarget, Dispatch, IssueTarget, Webhook
from publish.notices.notify.toml_lines import line_of
from tests.publish.facts import added, eased, removed, rule

GOOD: Final = """\
[[subscriber]]
name = "platform-team"
clouds = ["AzureCloud"]
features = ["core", "gpu"]
severities = ["breaking"]
locale = "de-de"
[subscriber.webhook]
url = "https://hooks.example.com/aks"
secret_env = "PLATFORM_SECRET"

[[subscriber]]
name = "infrastructure"
[subscriber.dispatch]
repository = "example/infrastructure"
token_env = "TOKEN"

[[subscriber]]
name = "firewall"
issue = { repository = "example/firewall", token_env = "TOKEN" }

[[subscriber]]
name = "mail"
apprise = { url_env = "MAIL_URL" }
"""
ONE: Final = '[[subscriber]]\nname = "one"\n'
HOOK: Final = ONE + "[subscriber.webhook]\n"


def read(folder: Path, text: str) -> tuple[Subscriber, ...]:
    file = folder / "subscribers.toml"
    file.write_text(text, encoding="utf-8")
    return read_subscribers(file)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(SubscribersError) as refused:
        read(folder, text)
    return str(refused.value).replace(f"{folder}/", "")


def test_every_kind_of_target_is_read(tmp_path: Path) -> None:
    first, *others = read(tmp_path, GOOD)
    assert first == Subscriber(
        name="platform-team",
        clouds=("AzureCloud",),
        features=("core", "gpu"),
        severities=("breaking",),
        locale="de-de",
        webhook=Webhook(url="https://hooks.example.com/aks", secret_env="PLATFORM_SECRET"),
    )
    assert [one.target for one in others] == [
        Dispatch(repository="example/infrastructure", token_env="TOKEN"),
        IssueTarget(repository="example/firewall", token_env="TOKEN"),
        AppriseTarget(url_env="MAIL_URL"),
    ]


def test_the_shipped_file_has_nobody_and_its_example_can_be_used(tmp_path: Path) -> None:
    assert read_subscribers() == ()
    lines = SUBSCRIBERS_TOML.read_text(encoding="utf-8").splitlines()
    example = lines[lines.index("# [[subscriber]]") :]
    found = read(tmp_path, "\n".join(line.removeprefix("# ").removeprefix("#") for line in example))
    assert [type(one.target) for one in found] == [Webhook, Dispatch, IssueTarget, AppriseTarget]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[subscriber]\n", "at line 1"),
        ('[[subscriber]]\nname = "a"\nname = "b"\n', "at line 3"),
        ('[[subscribers]]\nname = "a"\n', "line 1: subscribers: unknown key"),
        ("subscriber = 1\n", "line 1: subscriber: write it as [[subscriber]]"),
        ("subscriber = [1]\n", "line 1: subscriber 1: expected dict, found int"),
        ('[[subscriber]]\nlocale = "de-de"\n', "line 1: subscriber 1, name: missing key"),
        ('# a\n\n[[subscriber]]\nname = "a"\nclod = "x"\n', "line 5: subscriber 'a', clod: unknown key"),
        ('[[subscriber]]\nname = "A b"\n', "line 2: subscriber 'A b', name: 'A b' is not small letters"),
        (ONE + 'clouds = ["AzureGermany"]\n', "line 3: subscriber 'one', clouds: 'AzureGermany' is unknown; there is"),
        (ONE + 'clouds = [\n "AzureCloud",\n "x",\n]\n', "line 6: subscriber 'one', clouds: 'x' is unknown"),
        (ONE + 'features = ["cores"]\n', "line 3: subscriber 'one', features: 'cores' is unknown; there is: core,"),
        (ONE + 'severities = ["high"]\n', "severities: 'high' is unknown; there is: breaking, relaxing"),
        (ONE + 'severities = "breaking"\n', "line 3: subscriber 'one', severities: expected list, found str"),
        (ONE + 'locale = "german"\n', "line 3: subscriber 'one', locale: 'german' is not a locale of Learn"),
        (ONE + 'locale = "xx-yy"\n', "line 3: subscriber 'one', locale: 'xx-yy' is not a locale of Learn"),
        (ONE, "line 1: subscriber 'one': exactly one of webhook, dispatch, issue and apprise"),
        (HOOK + 'url = "https://a.example/"\n', "line 3: subscriber 'one', webhook.secret_env: missing key"),
        (
            HOOK + 'url = "http://a.example/"\nsecret_env = "S"\n',
            "line 4: subscriber 'one', webhook.url: is plain http",
        ),
        (HOOK + 'url = "ftp://a.example/"\nsecret_env = "S"\n', "webhook.url: is no address of the form https://"),
        (HOOK + 'url = "https://a.example:x/"\nsecret_env = "S"\n', "webhook.url: is no address"),
        (HOOK + 'url = "https://a.example/ b"\nsecret_env = "S"\n', "webhook.url: is no address"),
        (HOOK + 'url = "https:///b"\nsecret_env = "S"\n', "webhook.url: is no address"),
        (HOOK + 'url = "https://u:p@a.example/"\nsecret_env = "S"\n', "webhook.url: has a user or a password"),
        (HOOK + 'url = "https://a.example/"\nsecret_env = "S"\nallow_http = 1\n', "webhook.allow_http: expected bool"),
        (ONE + 'issue = { repository = "x", token_env = "T" }\n', "issue.repository: 'x' is not owner/name"),
        (ONE + 'dispatch = { repository = "x/y", token_env = "T", event_type = "" }\n', "dispatch.event_type: ''"),
        (GOOD + ONE.replace("one", "mail"), "line 24: subscriber 'mail'"),
        (GOOD + ONE.replace("one", "mail") + 'apprise = { url_env = "X" }\n', "name: another subscriber has this name"),
    ],
)
def test_a_fault_is_told_with_its_line_and_its_key(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in refusal(tmp_path, text)
    assert "subscribers.toml" in refusal(tmp_path, text)


def test_the_faults_of_all_subscribers_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("https://hooks", "http://hooks").replace('"example/firewall"', '"firewall"')
    lines = refusal(tmp_path, text).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["subscribers.toml, line 8", "subscribers.toml, line 19"]


def test_a_secret_in_the_place_of_its_name_is_not_shown(tmp_path: Path) -> None:
    told = refusal(tmp_path, HOOK + 'url = "https://a.example/"\nsecret_env = "whsec_c2VjcmV0"\n')
    assert "webhook.secret_env: names the environment variable" in told
    assert "c2VjcmV0" not in told
    assert "hunter2" not in refusal(tmp_path, ONE + 'apprise = { url_env = "mailto://me:hunter2@x.example" }\n')


def test_a_file_that_is_absent_or_no_text_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(SubscribersError, match="cannot be read as TOML"):
        read_subscribers(tmp_path / "absent.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SubscribersError, match="cannot be read as TOML"):
        read_subscribers(tmp_path / "binary.toml")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("$.subscriber[0].clouds[0]", 3),
        ("$.subscriber[0].webhook.url", 8),
        ("$.subscriber[0].webhook", 7),
        ("$.subscriber[1].dispatch.absent", 13),
        ("$.subscriber[3]", 21),
        ("$.absent", 1),
    ],
)
def test_a_line_is_found_by_the_path_of_its_value(path: str, line: int) -> None:
    assert line_of(GOOD, path) == line
    assert tomllib.loads(GOOD)


def test_by_default_whatever_needs_hands_is_wanted_and_nothing_else() -> None:
    one = Subscriber(name="one", apprise=AppriseTarget(url_env="X"))
    assert one.accepts(added())
    assert one.accepts(removed())
    assert one.accepts(eased())
    assert not one.accepts(replace(added(), severity=Impact.INFORMATIONAL))


def test_each_filter_narrows() -> None:
    target = AppriseTarget(url_env="X")
    china = Subscriber(name="one", clouds=(Cloud.CHINA,), apprise=target)
    gpu = Subscriber(name="one", features=("gpu",), apprise=target)
    everything = Subscriber(name="one", severities=(), apprise=target)
    assert (china.accepts(added()), china.accepts(added(cloud="AzureChinaCloud"))) == (False, True)
    left = replace(added(), before=rule("new.example", feature="gpu"), after=rule("new.example"))
    assert gpu.accepts(left)
    assert (gpu.accepts(added()), gpu.accepts(added(feature="gpu"))) == (False, True)
    assert everything.accepts(replace(added(), severity=Impact.INFORMATIONAL))
    words = replace(added(), kind=ChangeKind.CONDITIONS, after=None, place="heading")
    assert china.accepts(words), "words about circumstances are about no one cloud"


def test_new_words_in_another_language_are_for_its_readers() -> None:
    text = replace(added(), kind=ChangeKind.TEXT, severity=Impact.INFORMATIONAL, locale="de-de")
    target = AppriseTarget(url_env="X")
    assert Subscriber(name="one", severities=(), locale="de-de", apprise=target).accepts(text)
    assert not Subscriber(name="one", severities=(), locale="ja-jp", apprise=target).accepts(text)


def test_a_target_names_itself_without_a_secret() -> None:
    hook = Webhook(url="https://hooks.example.com/path-with-token", secret_env="S")
    assert str(hook) == "webhook hooks.example.com"
    assert str(AppriseTarget(url_env="MAIL_URL")) == "apprise, by MAIL_URL"
