"""The openapi.yaml of this package, which its tests have checked: it is not checked again wherever it is loaded.

Another document is checked, which takes half a second. After an edit of openapi.yaml write its hash here:
`sha256sum openapi.yaml`.
"""

SHA256 = "b7119467777a59c5ae3a4f4e22a1d5a0957101545dceb20589e2990cd6a85da0"
