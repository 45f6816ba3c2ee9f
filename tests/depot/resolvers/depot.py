from tests.depot.fields import fields as fields
