"""The one door for files that strangers sent: what they are, whether they are whole, what they say of themselves."""
