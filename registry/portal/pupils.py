"""Pages of pupils: the list, the card, corrections of a profile, the file of a list.

The lead is making this module and its templates (pupil_list.html, pupil_detail.html,
pupil_edit*.html) now; helper `pupils` keeps drafts.py, orders.py and theirs.
"""
