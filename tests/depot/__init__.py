"""A provider of the tests' own: a parcel depot whose API has every habit that the real three together lack."""
