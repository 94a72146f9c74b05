"""The supplier API: the interface by which HMPPS's own PIN-phone service asks its supplier, as it is (docs/supplier-api.md).

Lives here: field names, status codes and tokens of that interface. May not live here: a rule about people, contacts or money.
"""
