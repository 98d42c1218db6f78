"""The catalogue for machines: DCAT-AP 3 (European application profile) in Turtle, JSON-LD, RDF/XML.

The national portal of open data harvests it by address; постанова КМУ від 21.10.2015 № 835 asks for
a title, a description, keywords, a format, how often a set is renewed, and who answers for it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

from rdflib import DCAT, DCTERMS, FOAF, RDF, XSD, BNode, Graph, Literal, Namespace, URIRef

from reports.models import OpenFile, OpenIssue
from reports.open.datasets import LICENCE
from reports.selectors.open import Announced

SPDX = Namespace("http://spdx.org/rdf/terms#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
ADMS = Namespace("http://www.w3.org/ns/adms#")
EU = "http://publications.europa.eu/resource/authority/"
VERSION = URIRef(f"{DCAT}version")  # of DCAT 3, younger than the library's list
UKRAINE = URIRef(f"{EU}country/UKR")

FORMS = {
    "ttl": ("turtle", "text/turtle"),
    "jsonld": ("json-ld", "application/ld+json"),
    "rdf": ("pretty-xml", "application/rdf+xml"),
}
_MEDIA = {"csv": ("text/csv", "CSV"), "json": ("application/json", "JSON")}

# (name of an address, its arguments) → the whole address.
Address = Callable[..., str]


def of(
    sets: Sequence[Announced], address: Address, *, publisher: str, email: str, form: str
) -> bytes:
    """The catalogue with every set that has an issue in force; `form` is a key of FORMS."""
    graph = Graph()
    for prefix, space in (
        ("dcat", DCAT),
        ("dct", DCTERMS),
        ("foaf", FOAF),
        ("spdx", SPDX),
        ("vcard", VCARD),
        ("adms", ADMS),
    ):
        graph.bind(prefix, space)
    catalogue = URIRef(address("open_data"))
    owner = URIRef(address("open_data") + "#publisher")
    graph.add((owner, RDF.type, FOAF.Agent))
    graph.add((owner, FOAF.name, _uk(publisher)))
    graph.add((catalogue, RDF.type, DCAT.Catalog))
    graph.add((catalogue, DCTERMS.title, _uk("Відкриті дані АІКОМ")))
    graph.add(
        (
            catalogue,
            DCTERMS.description,
            _uk("Набори відкритих даних центральної бази даних освіти"),
        )
    )
    graph.add((catalogue, DCTERMS.publisher, owner))
    graph.add((catalogue, DCTERMS.language, URIRef(f"{EU}language/UKR")))
    graph.add((catalogue, DCTERMS.license, URIRef(LICENCE)))
    graph.add((catalogue, DCTERMS.spatial, UKRAINE))
    # It has a name, for many sets share it: the printer of XML loses a nameless one below some depth.
    contact = URIRef(address("open_data") + "#contact")
    graph.add((contact, RDF.type, VCARD.Organization))
    graph.add((contact, VCARD.fn, _uk(publisher)))
    if email:
        graph.add((contact, VCARD.hasEmail, URIRef(f"mailto:{email}")))
    moments: list[datetime.datetime] = []
    for one in sets:
        if (latest := one.latest) is None:
            continue
        if latest.finished_at is not None:
            moments.append(latest.finished_at)
        dataset = URIRef(address("open_data_set", one.dataset.code))
        graph.add((catalogue, DCAT.dataset, dataset))
        _describe(graph, dataset, one, owner, contact, address)
    if moments:
        graph.add((catalogue, DCTERMS.modified, Literal(max(moments), datatype=XSD.dateTime)))
    return graph.serialize(format=FORMS[form][0], encoding="utf-8")


def _describe(
    graph: Graph, dataset: URIRef, one: Announced, owner: URIRef, contact: URIRef, address: Address
) -> None:
    about, latest = one.dataset, one.latest
    assert latest is not None  # noqa: S101 - asked by the caller
    issues = [issue for issue in one.issues if issue.withdrawn_at is None]
    graph.add((dataset, RDF.type, DCAT.Dataset))
    graph.add((dataset, DCTERMS.title, _uk(about.title)))
    graph.add((dataset, DCTERMS.description, _uk(about.about)))
    graph.add((dataset, DCTERMS.identifier, Literal(about.code)))
    graph.add((dataset, DCTERMS.publisher, owner))
    graph.add((dataset, DCAT.contactPoint, contact))
    graph.add((dataset, DCTERMS.spatial, UKRAINE))
    graph.add((dataset, DCAT.theme, URIRef(f"{EU}data-theme/EDUC")))
    graph.add((dataset, DCTERMS.accessRights, URIRef(f"{EU}access-right/PUBLIC")))
    often = "MONTHLY" if about.monthly else "IRREG"
    graph.add((dataset, DCTERMS.accrualPeriodicity, URIRef(f"{EU}frequency/{often}")))
    for word in about.keywords:
        graph.add((dataset, DCAT.keyword, _uk(word)))
    graph.add((dataset, DCTERMS.issued, Literal(issues[-1].finished_at, datatype=XSD.dateTime)))
    graph.add((dataset, DCTERMS.modified, Literal(latest.finished_at, datatype=XSD.dateTime)))
    graph.add((dataset, VERSION, Literal(str(latest.number))))
    graph.add((dataset, ADMS.versionNotes, _uk(f"станом на {latest.as_of:%d.%m.%Y}")))
    graph.add((dataset, DCAT.landingPage, dataset))
    for file in latest.files.all():
        graph.add((dataset, DCAT.distribution, _distribution(graph, one, latest, file, address)))


def _distribution(
    graph: Graph, one: Announced, issue: OpenIssue, file: OpenFile, address: Address
) -> URIRef:
    kind, name = _MEDIA[file.kind]
    where = URIRef(address("open_data_file", one.dataset.code, issue.number, file.kind))
    made = URIRef(f"{where}#distribution")
    graph.add((made, RDF.type, DCAT.Distribution))
    graph.add((made, DCTERMS.title, _uk(f"{one.dataset.title}, випуск {issue.number}, {name}")))
    graph.add((made, DCAT.accessURL, URIRef(address("open_data_set", one.dataset.code))))
    graph.add((made, DCAT.downloadURL, where))
    graph.add((made, DCAT.mediaType, URIRef(f"http://www.iana.org/assignments/media-types/{kind}")))
    graph.add((made, DCTERMS["format"], URIRef(f"{EU}file-type/{name}")))
    graph.add((made, DCAT.byteSize, Literal(file.size, datatype=XSD.nonNegativeInteger)))
    graph.add((made, DCTERMS.license, URIRef(LICENCE)))
    graph.add((made, DCTERMS.issued, Literal(issue.finished_at, datatype=XSD.dateTime)))
    digest = BNode()
    graph.add((made, SPDX.checksum, digest))
    graph.add((digest, RDF.type, SPDX.Checksum))
    graph.add((digest, SPDX.algorithm, SPDX.checksumAlgorithm_sha256))
    graph.add(
        (digest, SPDX.checksumValue, Literal(bytes(file.sha256).hex(), datatype=XSD.hexBinary))
    )
    if file.kind == "csv":
        schema = URIRef(address("open_data_file", one.dataset.code, issue.number, "schema"))
        graph.add((made, DCTERMS.conformsTo, schema))
        graph.add((schema, RDF.type, DCTERMS.Standard))
        graph.add((schema, DCTERMS.title, _uk("Опис стовпців (CSVW)")))
    return made


def _uk(text: str) -> Literal:
    return Literal(text, lang="uk")
