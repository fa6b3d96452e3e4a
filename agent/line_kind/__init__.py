"""What is on the other end of the line, when it is no person who speaks to us: by sound, by words, by habit."""
