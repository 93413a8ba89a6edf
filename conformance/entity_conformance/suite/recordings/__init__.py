"""Exchanges that were recorded elsewhere, judged by every requirement that needs no question of ours. Nothing is sent.

`recording` is what both kinds of files become, `report` and `har` read them, `judging` judges.
"""
