"""GraphQL: fields asked for in, one document out for all that are asked at once, payloads or errors for each."""
