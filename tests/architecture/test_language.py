"""The interface is Ukrainian, whole (ADR 0002)."""

from __future__ import annotations

import ast
import re

from tests.architecture import sources

# Words that stay Latin in Ukrainian texts: names of formats, programs and standards.
LATIN = {
    "API",
    "Unix",  # seconds of, in signatures of webhooks
    "HMAC",
    "HMAC-SHA",
    "Base",  # Base64
    "DCAT-AP",
    "ETag",
    "UTF-",
    "CSVW",
    "Wi-Fi",
    "Python",
    "SHA-",
    "JavaScript",
    "Key-",
    "Retry-After",
    "Location",
    "If-Match",
    "AIKOM",
    "aikom",
    "ASiC",
    "BankID",
    "BES",
    "CAdES",
    "CSV",
    "CTRL",
    "Ctrl",
    "D",
    "DER",
    "E",
    "EIS",
    "Enter",
    "EN",
    "ETSI",
    "Excel",
    "F8",
    "GET",
    "HTTP",
    "HTML",
    "ID",
    "JKS",
    "JSON",
    "Key",
    "KEY",
    "LT",
    "Merkle",
    "MobileID",
    "OpenAPI",
    "P7S",
    "PDF",
    "PEM",
    "PFX",
    "PIN",
    "PKCS",
    "POST",
    "REST",
    "RFC",
    "S",
    "SHA",
    "SHA-256",
    "Shift",
    "T",
    "Tab",
    "URL",
    "UTC",
    "UTF",
    "UUID",
    "X",
    "XL",
    "XLS",
    "XLSX",
    "XML",
    "Y",
    "Z",
    "dat",
    "der",
    "pem",
    "pfx",
    "jks",
    "zs2",
    "cer",
    "crt",
    "p7s",
    "p12",
    "xlsx",
    "csv",
    "xls",
    "docx",
    "pdf",
    "id",
    "www",
    "com",
    "gov",
    "ua",
    "example",
    "Chrome",
    "Firefox",
    "v1",
    "Bearer",
    "Authorization",
    "curl",
    "null",
    "limit",
    "after",
    "next",
    "class",
    "items",
    "type",
    "detail",
    "errors",
    "http",
    "https",
    "XAdES",
    "xml",
}
_TAGS = re.compile(
    r"\{#.*?#\}|\{%\s*block (?:width|columns)\s*%\}.*?\{%\s*endblock\s*%\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->|<(code|pre|svg|kbd|script)\b.*?</\1>|<[^>]*>|&\w+;",
    re.DOTALL,
)
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]{2,}")


def test_templates_speak_ukrainian():
    found = []
    for path in sources.templates():
        if "gallery" in path.name:
            continue
        text = _TAGS.sub(" ", path.read_text(encoding="utf-8"))
        words = [
            word for word in _WORD.findall(text) if word not in LATIN and not word.startswith("ak-")
        ]
        if words:
            found.append(f"{path.relative_to(sources.ROOT)}: {' '.join(words[:8])}")
    assert not found, "Write it in Ukrainian, or add a name to LATIN:\n" + "\n".join(found)


def test_refusals_speak_ukrainian():
    found = [
        f"{path}:{item.lineno}"
        for path, tree in sources.modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for item in node.body
        if isinstance(item, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == "title" for t in item.targets)
        and any(
            isinstance(b, ast.Assign)
            and any(isinstance(t, ast.Name) and t.id == "code" for t in b.targets)
            for b in node.body
        )
        and isinstance(item.value, ast.Constant)
        and not re.search("[а-яіїєґ]", str(item.value.value), re.IGNORECASE)
    ]
    assert not found, f"A refusal's title is for people: {found}"
