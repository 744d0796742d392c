"""The Web API methods, a module per family."""
