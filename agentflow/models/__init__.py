"""Who answers: models.yaml, one client for every local server, managed servers, weights, the LangChain adapter."""
