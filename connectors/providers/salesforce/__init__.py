"""Salesforce, by its SOAP Partner API."""
