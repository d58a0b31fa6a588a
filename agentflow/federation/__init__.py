"""Other sites: whom a project asks besides its own corpus, and what of their answers is believed."""
