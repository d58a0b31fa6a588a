"""The web beside the documents: a search engine that the person names, pages fetched with manners, copies that are kept."""
