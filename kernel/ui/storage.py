"""Static files with hashed names, the imports of our own browser modules included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = r"""(?P<matched>import(?P<what>\s[^"';]*?)\sfrom\s+["'](?P<url>\./[^"']+)["']\s*;)"""


class HashedStatic(CompressedManifestStaticFilesStorage):
    """Whitenoise's storage that also rewrites `import … from "./x.js"` in `ui/js/` to the hashed name.

    Without it a browser could mix a new main.js with modules of the release before. Django's own
    switch for this reads the files of every package, and some of theirs import bare names.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("ui/js/*.js", ((IMPORT, 'import%(what)s from "%(url)s";'),)),
    )
