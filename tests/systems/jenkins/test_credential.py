"""What is Jenkins' own: stores and domains, XML, pages in place of refusals, and secrets that nobody is shown."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Outcome, Refused
from rotate.protocol.facts.destination import Held
from rotate.sandbox.faults import Fault
from rotate.sandbox.jenkins.server import PASSWORD, Credential
from rotate.sandbox.world import World
from rotate.systems.jenkins import config
from rotate.systems.jenkins.system import SERVICE, wrong
from tests.support.bench import BEFORE
from tests.support.laptop import Laptop
from tests.systems.jenkins.bench import FOLDER, ID, NEW, PLACES, SYSTEM, TOKEN, USER, Jenkins, jenkins, secret_text

AT = f"/job/team/job/app/credentials/store/folder/domain/_/credential/{ID}/config.xml"
NEW_ONE = "/job/team/job/app/credentials/store/folder/domain/_/createCredentials"
XML = {"Content-Type": "application/xml"}


@pytest.mark.parametrize("text", [FOLDER, SYSTEM, "jenkins://team/a%20b?domain=a%20b", "jenkins://system/app/x"])
def test_an_address_is_its_own_one_text(text: str) -> None:
    assert wrong(parsed(text)) == ""
    assert str(parsed(text)) in (text, text.replace("a%20b?", "a b?"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("jenkins://neon", "it names the folder"),
        ("jenkins:team/neon", "it names the folder"),
        ("jenkins://team//neon", "no empty text"),
        ("jenkins://team/../neon", "no `.`"),
        ("jenkins://team/.", "no `.`"),
        ("jenkins://team/neon?domain=..", "no `.`"),
        ("jenkins://team/neon?domain=a%2Fb", "no empty text"),
        ("jenkins://team/ne%0Aon", "no empty text"),
        ("jenkins://team/neon#NEON_API_KEY", "nothing stands behind `#`"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(text: str, why: str) -> None:
    assert why in wrong(parsed(text))


def test_all_else_is_sent_back_to_the_byte(world: World) -> None:
    ours = Jenkins(world)
    ours.domain[ID] = secret_text(BEFORE, description="Neon's <key> & more für Ω")
    opened = ours.opened()
    before = opened.observe()
    assert opened.confirm(before, opened.put(NEW)) == Held(), "nothing shows it"
    asked = [one for one in world.ledger if one.server == "jenkins"]
    (sent,) = (one for one in asked if one.method == "POST")
    (read, *_) = (one for one in asked if one.route == AT and one.method == "GET")
    redacted = b"<secret>\n    <secret-redacted/>\n  </secret>"
    assert sent.request_body == read.response_body.replace(redacted, f"<secret>{NEW.reveal()}</secret>".encode())
    assert sent.request_headers["Content-Type"] == "application/xml; charset=utf-8"
    assert sent.route == AT


def test_what_jenkins_does_with_a_redacted_secret_is_why_it_is_never_sent_back(world: World) -> None:
    ours = Jenkins(world)
    with httpx.Client(base_url=ours.server.url, auth=(USER, TOKEN)) as client:
        assert client.post(AT, content=client.get(AT).content, headers=XML).status_code == 200
    assert (ours.held() or "").strip() == ""


def test_one_is_created_in_a_domain_as_a_secret_text(world: World) -> None:
    ours = Jenkins(world, SYSTEM)
    opened = ours.opened(SYSTEM.replace(ID, "new one"))
    before = opened.observe()
    assert before.mark is None
    opened.confirm(before, opened.put(NEW))
    assert ours.domain["new one"] == secret_text(NEW.reveal(), "new one")


def test_an_id_that_somebody_takes_meanwhile_is_not_overwritten(world: World) -> None:
    ours = Jenkins(world)
    opened = ours.opened()
    world.faults.add(Fault("status", path=AT, code=404, times=None))
    world.faults.add(Fault("status", path="*/api/json", code=200, body={"credentials": []}, times=None))
    assert opened.observe().mark is None
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-changed", Outcome.NO_EFFECT)
    assert ours.held() == BEFORE


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (Credential(PASSWORD, {"id": ID, "username": "octo", "password": "x"}), f"is of the type {PASSWORD}"),
        (None, "holds more than one secret"),
    ],
)
def test_what_is_no_secret_text_is_refused_and_left(one: Credential | None, why: str, world: World) -> None:
    ours = Jenkins(world)
    if one:
        ours.domain[ID] = one
    else:
        body = ours.domain[ID].shown().replace("</secret>", "</secret><more><secret-redacted/></more>").encode()
        world.faults.add(Fault("status", path=AT, code=200, body=body, headers=XML, times=None))
    with pytest.raises(Refused, match=why) as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-not-a-text"


def test_a_type_that_somebody_changes_after_the_write_is_seen(world: World) -> None:
    ours = Jenkins(world)
    opened = ours.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    ours.domain[ID] = Credential(PASSWORD, {**ours.domain[ID].fields, "username": "octo", "password": "x"})
    with pytest.raises(DestinationError, match="type") as raised:
        opened.confirm(before, receipt)
    assert raised.value.reason == "destination-flags-changed"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (config.created("other", "x").encode(), "another id"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a/>', "a document type"),
        (config.created(ID, "x").encode().replace(b"<description>", b"<description>\xfc"), "not in UTF-8"),
    ],
)
def test_xml_of_something_else_is_not_believed(body: bytes, why: str, world: World) -> None:
    world.faults.add(Fault("status", path=AT, code=200, body=body, headers=XML, times=None))
    with pytest.raises(DestinationError, match=why) as raised:
        Jenkins(world).opened().observe()
    assert raised.value.reason == "destination-unexpected-answer"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"credentials": [{"id": ID}]}, "in its list, that it is"),
        ({"credentials": ["x"]}, "not with the list of a domain"),
        ([], "not with the list of a domain"),
    ],
)
def test_a_credential_is_absent_where_its_domain_shows_that(body: object, why: str, world: World) -> None:
    ours = Jenkins(world)
    del ours.domain[ID]
    world.faults.add(Fault("status", path="*/api/json", code=200, body=body))
    with pytest.raises(DestinationError, match=why):
        ours.opened().observe()


@pytest.mark.parametrize(
    "text", ["jenkins://gone/neon-api-key", "jenkins://system/neon-api-key?domain=gone", "jenkins://team/neon-api-key"]
)
def test_a_folder_or_domain_that_is_not_seen_is_no_absent_credential(text: str, world: World) -> None:
    with pytest.raises(Refused, match=f"look for {re.escape(text)}") as raised:
        Jenkins(world).opened(text).observe()
    assert raised.value.reason == "destination-absent"
    assert "Credentials/View" in raised.value.remedy


def test_the_permission_that_a_refusal_names_is_told(world: World) -> None:
    ours = Jenkins(world)
    ours.user.permissions.discard("Update")
    opened = ours.opened()
    opened.observe()
    with pytest.raises(DestinationError, match="lacks the permission Credentials/Update") as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-not-allowed", Outcome.NO_EFFECT)


def test_a_token_that_jenkins_does_not_know_is_told_from_a_page_of_somebody_else(world: World) -> None:
    ours = Jenkins(world)
    ours.environment["JENKINS_TOKEN"] = "other"
    with pytest.raises(Refused) as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-token-refused"


def test_a_password_in_the_tokens_place_is_told_by_the_crumb_that_jenkins_asks_for(world: World) -> None:
    opened = Jenkins(world).opened()
    opened.observe()
    page = b"<html><body><h2>HTTP ERROR 403 No valid crumb was included in the request</h2></body></html>"
    world.faults.add(Fault("html", method="POST", code=403))
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert raised.value.reason == "destination-no-json", "anybody's page"
    world.faults.reset()
    world.faults.add(Fault("status", method="POST", code=403, body=page, headers={"Content-Type": "text/html"}))
    with pytest.raises(DestinationError, match="a password does") as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-not-allowed", Outcome.NO_EFFECT)


def test_a_page_in_answer_to_a_write_that_nothing_marks_as_jenkins_own_leaves_it_unknown(world: World) -> None:
    """To a read 404 is no more than a reason to look at the list of the domain."""
    ours = Jenkins(world)
    opened = ours.opened()
    opened.observe()
    world.faults.add(Fault("html", method="POST", code=404))
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-no-json", Outcome.UNKNOWN)
    world.faults.add(Fault("html", path=AT, code=404))
    with pytest.raises(DestinationError, match="in its list, that it is"):
        ours.opened().observe()


def test_a_refusal_of_its_own_without_a_reason_is_told_by_its_status(world: World) -> None:
    headers = {"Content-Type": "text/html", "X-Jenkins": "2.528.2"}
    world.faults.add(Fault("status", path=AT, code=403, body=b"<html></html>", headers=headers))
    with pytest.raises(Refused, match=r"answers HTTP 403\.$") as raised:
        Jenkins(world).opened().observe()
    assert raised.value.reason == "destination-not-allowed"


def test_both_names_and_tokens_that_are_missing_are_told_at_once() -> None:
    url = {"JENKINS_URL": "https://jenkins.example"}
    (both,) = SERVICE.lacks(url)
    (user,) = SERVICE.lacks({**url, "JENKINS_TOKEN": TOKEN})
    assert "`JENKINS_USER` and `JENKINS_TOKEN` are not set" in both.message
    assert "`JENKINS_USER` is not set" in user.message
    assert "JENKINS_TOKEN: ${{ secrets.JENKINS_TOKEN }}" in user.remedy
    assert [one.reason for one in SERVICE.lacks({})] == ["destination-url-missing", "destination-token-missing"]


def test_neither_form_of_the_token_is_told(world: World) -> None:
    with jenkins(FOLDER) as bench:
        assert bench.web
        hidden = {one.reveal() for one in bench.web.hidden}
        assert {TOKEN, "cm90YXRpb246MTFzYW5kYm94MDEyMzQ1Njc4OQ=="} <= hidden


def test_the_pretend_one_refuses_as_the_real_one(world: World) -> None:
    ours = Jenkins(world)
    whole = config.created(ID, "x")
    with httpx.Client(base_url=ours.server.url, auth=(USER, TOKEN), headers=XML) as client:
        assert client.post(NEW_ONE, content=whole, headers={"Content-Type": "text/plain"}).status_code == 400
        assert client.post(NEW_ONE, content=whole).status_code == 409
        assert client.post(AT, content="<a").status_code == 500
        assert client.post(AT, content="<a/>").status_code == 500
        assert client.post(AT, content=config.created("other", "x")).status_code == 500
        assert client.get(AT.replace("folder", "system")).status_code == 404
        assert client.get("/nowhere").status_code == 404
        assert client.get(AT, auth=("nobody", TOKEN)).status_code == 401
    assert httpx.get(f"{ours.server.url}{AT}").status_code == 401
    assert ours.held() == BEFORE


def by_policy(laptop: Laptop, lines: str, more: str = "") -> int:
    """Run with a policy file that names the place of the bench, and another."""
    file = laptop.folder / "policy.yml"
    file.write_text(
        "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
        f"    old_key_id: {laptop.story.old_key.key_id}\n{more}    destinations:\n      - to: {laptop.here}\n"
        f"      - type: jenkins\n        credential_id: {ID}\n        {lines}\n"
    )
    return laptop.by(file)


@pytest.mark.parametrize("lines", ["folder: team/app", "domain: production"])
def test_a_policy_file_has_it_by_fields(lines: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with jenkins(FOLDER if lines.startswith("domain") else SYSTEM) as bench:
        laptop, ours = Laptop(bench, capsys, tmp_path), bench.web and bench.web.pretend
        assert isinstance(ours, Jenkins)
        assert by_policy(laptop, lines) == 0, laptop.told
        (one, other) = (ours.server.stores[folder][domain][ID] for folder, domain in PLACES.values())
        assert one.fields["secret"] == other.fields["secret"] == laptop.held
        assert "accepted, not provable" in laptop.told


def test_where_a_proof_is_required_nothing_is_written_without_a_canary(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with jenkins(FOLDER) as bench:
        laptop = Laptop(bench, capsys, tmp_path)
        assert by_policy(laptop, "domain: production", "    require_proof: true\n") == 3, laptop.told
        assert laptop.reasons == ["destination-not-provable"]
        assert (laptop.held, laptop.live) == (laptop.story.old_key.value, [laptop.story.old_key])
