"""Every code a program may receive has its page, and the API's own failures keep the form."""

from __future__ import annotations

import pytest

from kernel import problem_pages


@pytest.mark.django_db
def test_every_code_has_its_page(client):
    for code, (status, _title) in problem_pages.known().items():
        page = client.get(f"/problems/{code}")
        assert page.status_code == 200, code
        assert f"HTTP {status}" in page.content.decode()
    assert client.get("/problems/never_heard_of").status_code == 404
    assert client.get("/problems/").status_code == 200


@pytest.mark.django_db
def test_a_bug_under_the_api_answers_as_a_problem_with_a_number(client, monkeypatch):
    from integrations.eis.api import authentication

    def broken(*args):
        raise RuntimeError("boom")

    monkeypatch.setattr(authentication.keys, "open_by_secret", broken)
    client.raise_request_exception = False
    answer = client.get("/api/v1/pupils", headers={"Authorization": "Bearer x"})
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert answer.json()["instance"].startswith("urn:uuid:")
    assert "boom" not in answer.content.decode()


@pytest.mark.django_db
def test_no_such_version_of_the_api_answers_as_a_problem(client):
    answer = client.get("/api/v9/pupils")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not_found")
