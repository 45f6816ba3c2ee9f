"""From a document to data: a plan made once, run breadth first; graphql-core is the fallback and the oracle."""
