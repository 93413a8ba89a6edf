"""The openapi.yaml of this package, which its tests have checked: it is not checked again wherever it is loaded.

Another document is checked, which takes half a second. After an edit of openapi.yaml write its hash here:
`sha256sum openapi.yaml`.
"""

SHA256 = "e4f02f075f87eb00322d7e91791158404682b37f415bee080f54b63f77d5cc4e"
