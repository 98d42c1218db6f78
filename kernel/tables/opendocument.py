"""Writing a table as an OpenDocument spreadsheet (ODF 1.3): numbers as numbers, text as text.

A hundred lines instead of a library: what is written is one sheet of one shape, and what is read
back is checked by the reader that takes people's own files.
"""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterable
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

from kernel.tables.writing import Sheet, Value

MIME = "application/vnd.oasis.opendocument.spreadsheet"
_OLDEST = (1980, 1, 1, 0, 0, 0)  # what a ZIP says of no time: the same table gives the same bytes
_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{kind}:1.0"'
    for name, kind in (("office", "office"), ("table", "table"), ("text", "text"))
)
_MANIFEST = f"""<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">
<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{MIME}"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
</manifest:manifest>"""


def opendocument(sheet: Sheet) -> bytes:
    """The ODS file's bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        for name, content, how in (
            ("mimetype", MIME, zipfile.ZIP_STORED),  # first and not compressed, by the standard
            ("META-INF/manifest.xml", _MANIFEST, zipfile.ZIP_DEFLATED),
            ("content.xml", "".join(_content(sheet)), zipfile.ZIP_DEFLATED),
        ):
            entry = zipfile.ZipInfo(name, _OLDEST)
            entry.compress_type = how
            book.writestr(entry, content)
    return out.getvalue()


def _content(sheet: Sheet) -> Iterable[str]:
    yield f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES} office:version="1.3">'
    yield f"<office:body><office:spreadsheet><table:table table:name={quoteattr(sheet.name)}>"
    yield f'<table:table-column table:number-columns-repeated="{len(sheet.columns)}"/>'
    for line in sheet.above:
        yield _row([line])
    if sheet.above:
        yield _row([None])
    yield f"<table:table-header-rows>{_row([one.heading for one in sheet.columns])}</table:table-header-rows>"
    for row in sheet.rows:
        yield _row(row)
    yield "</table:table></office:spreadsheet></office:body></office:document-content>"


def _row(values: Iterable[Value]) -> str:
    return f"<table:table-row>{''.join(map(_cell, values))}</table:table-row>"


def _cell(value: Value) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, datetime.datetime | datetime.date):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
        said = f"{value:%d.%m.%Y}"
    elif isinstance(value, int | float | Decimal):
        kind, said = f'office:value-type="float" office:value="{value}"', f"{value}"
    else:
        kind, said = 'office:value-type="string"', value
    return f"<table:table-cell {kind}><text:p>{escape(said)}</text:p></table:table-cell>"
