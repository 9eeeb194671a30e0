"""Forms of returns and the empty workbooks made from them."""
