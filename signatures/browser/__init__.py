"""The part of signing that runs in the person's browser (an npm project) and the way it is built.

`python -m signatures.browser.build` builds it; `signatures.browser.assets` tells templates where
the result is and which hash the browser must find in it.
"""
