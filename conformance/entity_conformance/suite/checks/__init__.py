"""The checks, one module a chapter of the reference: the folder is the table of contents.

A check cites its requirement by id, says one true sentence about the API, arranges by `given`, acts once, and judges
by `expect`. It assumes nothing but what `given` made: other people use the deployment at the same time.
"""
