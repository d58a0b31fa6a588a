"""The pool of models as a LangChain chat model."""
