"""How it is learned: school years in use, lessons, marks. Opens with the journals issue."""
