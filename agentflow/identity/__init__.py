"""Who calls, what they may do, and the log of it: the same for the API, the site and the model server."""
