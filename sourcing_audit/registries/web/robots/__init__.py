"""robots.txt: the rules of RFC 9309, and the signals of others that stand among them."""
