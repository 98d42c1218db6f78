"""Pages of the room: «Перевірка підпису», open to everyone."""
