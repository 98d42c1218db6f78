"""The children's register: who of school age learns where, who nowhere and why, who is absent or may be
missing, and what the law asks about each (постанова 684; handbook D.7, J.3; docs/adr/0056)."""
