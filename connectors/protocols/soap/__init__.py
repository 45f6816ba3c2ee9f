"""SOAP 1.1 and 1.2: envelopes made and read by a WSDL, faults as errors of ours, and one hardened XML parser."""
