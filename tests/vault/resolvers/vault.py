from tests.vault.fields import fields as fields
