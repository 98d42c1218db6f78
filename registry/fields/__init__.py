"""Pure checks of single values: names, numbers, documents, contacts, class labels (handbook C)."""
