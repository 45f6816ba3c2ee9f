"""REST, GraphQL and SOAP: from a client's call to a request, and from an answer to a payload or an error."""
