"""A provider of the tests' own: a vault that tells users what is theirs, and knows them by OAuth."""
