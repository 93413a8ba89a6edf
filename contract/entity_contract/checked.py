"""The openapi.yaml of this package, which its tests have checked: it is not checked again wherever it is loaded.

Another document is checked, which takes half a second. After an edit of openapi.yaml write its hash here:
`sha256sum openapi.yaml`.
"""

SHA256 = "91b2a8234ddb7dcaeb8cc47bda1187faffc4a5f5ad89eb5c900f5e22a6af2473"
