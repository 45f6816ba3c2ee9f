"""HubSpot: contacts, companies, deals and tickets of a CRM, over REST."""
