"""Invented worlds: one oblast to try everything on, a whole country to measure on.

At the top of the layers, because a world is made of the tables of every room.
"""
