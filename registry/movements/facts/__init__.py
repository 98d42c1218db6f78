"""What is so of children, written for many at once: needs, meals, benefits, displacement, contact,
addresses, phones. Each kind is a declaration over one mechanism (`process.Facts`)."""
