// Wires every module of the portal by data attributes. No module needs another to be useful.
