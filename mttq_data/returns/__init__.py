"""Returns of districts and communes, from a file somebody sent to observations and problems."""
