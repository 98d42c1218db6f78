"""A change of the API is told from a break of it, and the released schema is not broken."""

import copy

import pytest

from tests import api_changes

SCHEMA = {
    "paths": {
        "/pupils": {
            "get": {
                "parameters": [{"in": "query", "name": "class", "schema": {"type": "string"}}],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}}
                },
            },
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}},
                "responses": {"201": {}},
            },
        }
    },
    "components": {
        "schemas": {
            "Page": {"type": "object", "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Pupil"}}}},
            "Pupil": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}, "sex": {"type": "string", "enum": ["M", "F"]}},
            },
            "New": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "kind": {"enum": ["a", "b"]}}},
        }
    },
}  # fmt: skip


def changed(edit):
    new = copy.deepcopy(SCHEMA)
    edit(new)
    return api_changes.changes(SCHEMA, new)


def parts(schema):
    return schema["components"]["schemas"]


def parameters(schema):
    return schema["paths"]["/pupils"]["get"]["parameters"]


@pytest.mark.parametrize(
    "edit",
    [
        lambda s: s["paths"].update({"/classes": {"get": {"responses": {}}}}),
        lambda s: parameters(s).append({"in": "query", "name": "q", "schema": {"type": "string"}}),
        lambda s: parts(s)["Pupil"]["properties"].update(born={"type": "string"}),
        lambda s: parts(s)["Pupil"]["properties"]["sex"]["enum"].append("X"),
        lambda s: parts(s)["New"]["properties"].update(note={"type": "string"}),
        lambda s: parts(s)["New"]["properties"]["kind"]["enum"].append("c"),
        lambda s: parts(s)["New"].update(required=[]),
        lambda s: parts(s)["Pupil"]["properties"]["id"].update(pattern="^[0-9]+$"),
        lambda s: s["paths"]["/pupils"]["post"]["responses"].update({"409": {}}),
    ],
    ids=["operation", "parameter", "field got", "value got", "field sent", "value sent", "freer", "bound got", "refusal"],
)  # fmt: skip
def test_what_grows_is_an_addition(edit):
    found = changed(edit)
    assert [one.breaks for one in found] == [False] * len(found)


@pytest.mark.parametrize(
    "edit",
    [
        lambda s: s["paths"]["/pupils"].pop("post"),
        lambda s: parameters(s).clear(),
        lambda s: parameters(s)[0].update(required=True),
        lambda s: parameters(s).append({"in": "query", "name": "q", "required": True, "schema": {}}),
        lambda s: parts(s)["Pupil"]["properties"].pop("sex"),
        lambda s: parts(s)["Pupil"]["properties"]["id"].update(type="integer"),
        lambda s: parts(s)["Pupil"]["properties"]["id"].update(type=["string", "null"]),
        lambda s: parts(s)["Pupil"].update(required=[]),
        lambda s: parts(s)["Pupil"]["properties"]["sex"]["enum"].pop(),
        lambda s: parts(s)["New"]["required"].append("kind"),
        lambda s: parts(s)["New"]["properties"]["kind"]["enum"].pop(),
        lambda s: parts(s)["New"]["properties"]["name"].update(enum=["а"]),
        lambda s: parts(s)["New"]["properties"]["name"].update(maxLength=9),
        lambda s: parts(s)["New"]["properties"].pop("kind"),
        lambda s: s["paths"]["/pupils"]["post"]["responses"].pop("201"),
    ],
    ids=[
        "operation gone", "parameter gone", "parameter required", "new required parameter", "field gone",
        "another type", "may be null", "may be absent", "value got gone", "field required", "value sent gone",
        "values listed", "bound sent", "field sent gone", "answer gone",
    ],
)  # fmt: skip
def test_what_programs_relied_on_breaks(edit):
    assert any(one.breaks for one in changed(edit))


def test_nothing_of_the_released_api_is_broken():
    broken = [
        one for one in api_changes.changes(api_changes.released(), api_changes.now()) if one.breaks
    ]
    assert not broken, "\n".join(f"{one.where}: {one.what}" for one in broken)
