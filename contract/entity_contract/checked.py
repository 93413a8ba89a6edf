"""The openapi.yaml of this package, which its tests have checked: it is not checked again wherever it is loaded.

Another document is checked, which takes half a second. After an edit of openapi.yaml write its hash here:
`sha256sum openapi.yaml`.
"""

SHA256 = "e6752108ed8276890d6390c84e45c97326e8d9d6756cd0e6bd61200c231f3484"
