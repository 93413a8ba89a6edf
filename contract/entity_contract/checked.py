"""The openapi.yaml of this package, which its tests have checked: it is not checked again wherever it is loaded.

Another document is checked, which takes half a second. After an edit of openapi.yaml write its hash here:
`sha256sum openapi.yaml`.
"""

SHA256 = "5eb4367663f4f8bdea8b2c8c1b717e38486d3cc4c80666e287c29af503ea0f4e"
