"""Commands of campaigns: announcing and leading, generating, what a school does, what levels do."""
